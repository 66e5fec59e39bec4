// The console: the explorer, which reads with fetch, and the demonstration, which needs nothing but EventSource.

import { demonstrate } from './demo.js';
import { absolute, explorerCards } from './explorer.js';
import { watchNode } from './node.js';
import { signIn } from './sign-in.js';
import { openStreams, wire } from './stream.js';
import { tabs } from './tabs.js';
import { topicList } from './topics.js';

const card = id => document.getElementById(id);

signIn(card('sign-in'));
const explorer = explorerCards(card('subscribe'), card('publish'), card('inspector'));
const topics = topicList(card('topics'), topic => explorer.choose(topic));
let demonstrated = false;
tabs(card('tabs'), panel => {
  if (panel === 'demo' && !demonstrated) {
    demonstrated = true;
    demonstrate();
  }
});
header();
watchNode(card('broker'), card('node'), {
  onTopics: topics.show,
  onReached(reached) {
    card('server').dataset.state = reached ? 'open' : 'reconnecting';
    card('server').textContent = reached ? 'on air' : 'no signal, trying again';
  },
});

for (const code of document.querySelectorAll('[data-curl]')) {
  code.textContent = `curl -N '${absolute(code.dataset.curl)}'`;
}

/** Shows how many streams this page has, and how many events arrive on those of the demonstration. */
function header() {
  const streams = card('page-streams');
  const needle = card('needle');
  const rate = card('rate');
  const update = () => { streams.textContent = openStreams.size; };
  wire.addEventListener('change', update);
  update();

  // The needle: a moving average on a logarithmic scale, for both low and high rates.
  let received = 0;
  let average = 0;
  wire.addEventListener('event', () => received++);
  setInterval(() => {
    average += 0.5 * (received - average);
    received = 0;
    needle.style.left = `${Math.min(100, 100 * Math.log1p(average) / Math.log1p(200)).toFixed(1)}%`;
    rate.textContent = average.toFixed(0);
  }, 1000);
}
