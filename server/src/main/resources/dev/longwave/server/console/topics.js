// The topics that this node serves, as far as the server shows its figures.

import { clockTime, el } from './dom.js';

/**
 * Lists topics.
 *
 * @param choose called with the one that is clicked
 * @param order a selection whose value may be "rate"; without it, the order is that of the server, by subscribers
 */
export function topicList(card, choose, order = undefined) {
  const rows = card.querySelector('tbody');
  let before = new Map(); // how many events each topic had
  let asked = 0;

  return {
    show(list) {
      const now = performance.now();
      const seconds = (now - asked) / 1000;
      card.hidden = false;
      card.querySelector('.empty').hidden = list.length > 0;
      const rated = list.map(each => ({
        ...each,
        rate: before.has(each.topic) ? Math.max(0, (each.events - before.get(each.topic)) / seconds) : undefined,
      }));
      if (order?.value === 'rate') rated.sort((a, b) => (b.rate ?? 0) - (a.rate ?? 0));
      rows.replaceChildren(...rated.map(({ topic, subscribers, rate, lastEvent }) => {
        const name = el('button', { type: 'button', className: 'link', textContent: topic });
        name.addEventListener('click', () => choose(topic));
        return el('tr', {},
          el('td', {}, name),
          el('td', { className: 'number', textContent: subscribers }),
          el('td', { className: 'number', textContent: rate?.toFixed(1) ?? '–' }),
          el('td', { className: 'time', textContent: lastEvent ? clockTime(lastEvent) : '–' }));
      }));
      before = new Map(list.map(({ topic, events }) => [topic, events]));
      asked = now;
    },
  };
}
