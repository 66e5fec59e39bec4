// A log tail: follows the newest line while the view is at the end, and stays in place otherwise.

import { clockTime, el, gapSentence } from './dom.js';

const KEEP = 300;
const KEEP_WHILE_PAUSED = 2000;

export function logsCard(card) {
  const tail = card.querySelector('.tail');
  const button = card.querySelector('.pause');
  let held = null; // lines that arrived while paused

  function atEnd() {
    return tail.scrollHeight - tail.scrollTop - tail.clientHeight < 24;
  }

  function append(...lines) {
    const follow = atEnd();
    tail.querySelector('.empty')?.remove();
    tail.append(...lines);
    while (tail.children.length > KEEP) tail.firstElementChild.remove();
    if (follow) tail.scrollTop = tail.scrollHeight;
  }

  function show(line) {
    if (held === null) {
      append(line);
      return;
    }
    held.push(line);
    if (held.length > KEEP_WHILE_PAUSED) held.shift();
    button.textContent = `Resume (${held.length})`;
  }

  button.addEventListener('click', () => {
    if (held === null) {
      held = [];
      button.textContent = 'Resume';
    } else {
      append(...held);
      held = null;
      tail.scrollTop = tail.scrollHeight;
      button.textContent = 'Pause';
    }
    button.setAttribute('aria-pressed', String(held !== null));
  });

  return {
    log(event) {
      const { time, level, service, message } = JSON.parse(event.data);
      show(
        el('li', { data: { level } },
          el('time', { dateTime: time, textContent: clockTime(time) }),
          el('span', { className: 'level', textContent: level }),
          el('span', { className: 'service', textContent: service }),
          el('span', { className: 'text', textContent: message })));
    },
    gap(gap) {
      show(el('li', { className: 'gap', textContent: gapSentence(gap) }));
    },
  };
}
