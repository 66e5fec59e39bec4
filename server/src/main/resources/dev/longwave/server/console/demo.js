// The demonstration. All its data comes from plain EventSource; start reading here, then stream.js.
//
// Over HTTP/1.1 a browser opens at most six connections to one origin, and every stream occupies one. Five topics
// therefore share ONE stream. EventSource does not hand out the field that names an event's topic: the event's type, which
// the publisher chooses, tells them apart. Each job and each answer in progress has its own stream.

import { answerCard } from './answer.js';
import { showGap, showStream } from './dom.js';
import { jobsCard } from './jobs.js';
import { logsCard } from './logs.js';
import { metricsCard } from './metrics.js';
import { notificationsCard } from './notifications.js';
import { credential, problemText, send } from './requests.js';
import { Stream } from './stream.js';

const CUT_MS = 5000;
const CAUGHT_UP_MS = 500; // after the first event, all that was missed has come
const RUNNING = 'history/demo/metrics?since=PT1M&limit=1';
const card = id => document.getElementById(id);

/** Starts the cards, once the server publishes for them; until then, says how it would. */
export async function demonstrate() {
  const off = card('demo-off');
  for (;;) {
    const response = await send(RUNNING).catch(() => null);
    if (response?.ok && (await response.json()).events.length > 0) break;
    off.hidden = false;
    if ([401, 403].includes(response?.status)) {
      off.textContent = `The server refuses the demonstration’s topics: ${await problemText(response)}`;
      await new Promise(resolve => credential.addEventListener('change', resolve, { once: true }));
    } else {
      await new Promise(resolve => setTimeout(resolve, 3000));
    }
  }
  off.hidden = true;
  card('demo-on').hidden = false;
  startCards();
}

function startCards() {
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
  const caughtUp = catchUp(card('caught-up'));
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
      if (gap.reason !== 'skipped') { // which is what the chart's topic is for
        gaps[gap.topic]++;
        caughtUp.lost();
      }
      showGap(cards[gap.topic], gap);
      if (gap.topic === 'demo/logs') logs.gap(gap);
    },
    onChange(stream) {
      caughtUp.look(stream);
      showStream(card('shared'), stream, Object.values(gaps).reduce((a, b) => a + b));
      for (const [topic, element] of Object.entries(cards)) {
        // The answer's card shows the stream of the current answer.
        if (topic !== 'demo/answers') showStream(element, stream, gaps[topic]);
      }
      card('cut').disabled = stream.state !== 'open';
    },
  });
  card('cut').addEventListener('click', () => {
    caughtUp.begin(shared.events);
    shared.cut(CUT_MS);
  });
}

/** Says how many events came at once after a cut: those that were published meanwhile. */
function catchUp(notice) {
  let before = -1; // the number of events before the cut, while it is of interest
  let timer = 0;
  let lost = false;
  return {
    begin(events) {
      before = events;
      lost = false;
      notice.hidden = true;
    },
    lost() {
      lost = true;
    },
    look(stream) {
      if (before < 0 || timer !== 0 || stream.state !== 'open' || stream.events === before) return;
      timer = setTimeout(() => {
        const caught = stream.events - before;
        before = -1;
        timer = 0;
        notice.hidden = false;
        notice.textContent = lost
          ? `${caught} events caught up; the gaps are shown on their cards.`
          : `Nothing lost: ${caught} events caught up.`;
      }, CAUGHT_UP_MS);
    },
  };
}
