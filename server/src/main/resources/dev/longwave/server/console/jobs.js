// Progress of jobs. Each job is a topic: it is announced, followed on its own stream, and then ended.

import { el, showGap } from './dom.js';
import { followUpTo, pause, readToEnd } from './follow.js';

const AT_A_TIME = 2;
const KEEP_FINISHED = 4;

const SENTENCES = {
  connecting: 'on its own stream: connecting',
  open: 'on its own stream: open',
  reconnecting: 'reconnecting: EventSource resumes by itself',
  ending: '100 %: the server closed the stream, and EventSource reconnects once more',
  ended: 'ended: the server returned 204, and EventSource stopped',
  closed: 'given up: no events for a while',
};

export function jobsCard(card) {
  const running = card.querySelector('.running');
  const finished = card.querySelector('.finished');

  async function follow({ id, name, topic }) {
    const bar = el('progress', { max: 100, value: 0 });
    bar.setAttribute('aria-label', name);
    const percent = el('output', { className: 'percent', textContent: '0 %' });
    const step = el('span', { className: 'step', textContent: 'waiting' });
    const state = el('span', { className: 'job-state' });
    const row = el('li', { className: 'job', id: `job-${id}` },
      el('div', { className: 'job-head' }, el('strong', { textContent: name }), percent),
      bar,
      el('div', { className: 'job-foot' }, step, el('code', { textContent: topic })),
      state);
    card.querySelector('.empty')?.remove();
    running.append(row);

    let stream = null;
    const end = await readToEnd({
      topic,
      on: {
        progress(event) {
          const data = JSON.parse(event.data);
          bar.value = data.percent;
          percent.textContent = `${data.percent} %`;
          step.textContent = data.step;
          if (data.percent === 100) stream.finish();
        },
      },
      onGap: gap => showGap(card, gap),
      onChange(changed) {
        stream = changed;
        row.dataset.state = stream.state;
        state.textContent = SENTENCES[stream.state] ?? stream.problem;
        if (stream.reconnects > 0) state.append(` · reconnects: ${stream.reconnects}`);
        if (stream.gaps > 0) state.append(` · gaps: ${stream.gaps}`);
        state.title = `last event ID: ${stream.lastEventId || 'none yet'}`;
      },
    });

    await pause(3500); // long enough to read
    row.remove();
    finished.prepend(
      el('li', { data: { state: end } },
        el('span', { textContent: name }),
        el('code', { textContent: end === 'ended' ? '204 · ended' : end })));
    while (finished.children.length > KEEP_FINISHED) finished.lastElementChild.remove();
  }

  const announce = followUpTo(AT_A_TIME, follow);
  return { job: event => announce(JSON.parse(event.data)) };
}
