// The console. All data on the page comes from plain EventSource; start reading here, then stream.js.
//
// Over HTTP/1.1 a browser opens at most six connections to one origin, and every stream occupies one. Five topics
// therefore share ONE stream. SSE has no field for an event's topic: on a shared stream, the event's type, which the
// publisher chooses, tells them apart. Each job and each answer in progress has its own stream.

import { answerCard } from './answer.js';
import { showGap, showStream } from './dom.js';
import { absolute, explorerCards } from './explorer.js';
import { jobsCard } from './jobs.js';
import { logsCard } from './logs.js';
import { metricsCard } from './metrics.js';
import { watchNode } from './node.js';
import { notificationsCard } from './notifications.js';
import { Stream, openStreams, wire } from './stream.js';

const CUT_MS = 5000;
const card = id => document.getElementById(id);

// The card that shows the gaps of a topic, and the state of the shared stream.
const cards = {
  'demo/notifications': card('notifications'),
  'demo/jobs': card('jobs'),
  'demo/metrics': card('metrics'),
  'demo/logs': card('logs'),
  'demo/answers': card('answer'),
};
const gaps = Object.fromEntries(Object.keys(cards).map(topic => [topic, 0]));

const logs = logsCard(card('logs'));
const shared = new Stream({
  topics: Object.keys(cards),
  since: 'PT30S',
  on: {
    ...notificationsCard(card('notifications')),
    ...jobsCard(card('jobs')),
    ...metricsCard(card('metrics')),
    ...answerCard(card('answer')),
    log: logs.log,
  },
  onGap(gap) {
    if (!(gap.topic in cards)) return;
    gaps[gap.topic]++;
    showGap(cards[gap.topic], gap);
    if (gap.topic === 'demo/logs') logs.gap(gap);
  },
  onChange(stream) {
    showStream(card('shared'), stream);
    for (const [topic, element] of Object.entries(cards)) {
      // The answer's card shows the stream of the current answer.
      if (topic !== 'demo/answers') showStream(element, stream, gaps[topic]);
    }
    card('cut').disabled = stream.state !== 'open';
  },
});

card('cut').addEventListener('click', () => shared.cut(CUT_MS));
explorerCards(card('subscribe'), card('publish'), card('inspector'));
header();
watchNode(card('broker'), card('node'));

for (const code of document.querySelectorAll('[data-curl]')) {
  code.textContent = `curl -N '${absolute(code.dataset.curl)}'`;
}

/** Shows whether the server is available, how many connections this page has, and how many events arrive. */
function header() {
  const server = card('server');
  const connections = card('connections');
  const needle = card('needle');
  const rate = card('rate');
  const protocol = performance.getEntriesByType('navigation')[0]?.nextHopProtocol ?? '';
  const limit = protocol.startsWith('http/1') ? ' of 6' : '';

  const update = () => {
    const there = [...openStreams].some(stream => stream.state === 'open');
    const away = shared.state === 'reconnecting';
    const state = there ? 'open' : away ? 'reconnecting' : 'connecting';
    if (server.dataset.state !== state) {
      server.dataset.state = state;
      server.textContent = there ? 'on air' : away ? 'no signal, trying again' : 'tuning in';
    }
    connections.textContent = `${openStreams.size}${limit}`;
  };
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
