// The topics that this node serves, as far as the server shows its figures.

import { clockTime, el } from './dom.js';

/** Lists topics; `choose` is called with the one that is clicked. */
export function topicList(card, choose) {
  const rows = card.querySelector('tbody');
  let before = new Map(); // how many events each topic had
  let asked = 0;

  return {
    show(list) {
      const now = performance.now();
      const seconds = (now - asked) / 1000;
      card.hidden = false;
      card.querySelector('.empty').hidden = list.length > 0;
      rows.replaceChildren(...list.map(({ topic, subscribers, events, lastEvent }) => {
        const name = el('button', { type: 'button', className: 'link', textContent: topic });
        name.addEventListener('click', () => choose(topic));
        const rate = before.has(topic) ? Math.max(0, (events - before.get(topic)) / seconds).toFixed(1) : '–';
        return el('tr', {},
          el('td', {}, name),
          el('td', { className: 'number', textContent: subscribers }),
          el('td', { className: 'number', textContent: rate }),
          el('td', { className: 'time', textContent: lastEvent ? clockTime(lastEvent) : '–' }));
      }));
      before = new Map(list.map(({ topic, events }) => [topic, events]));
      asked = now;
    },
  };
}
