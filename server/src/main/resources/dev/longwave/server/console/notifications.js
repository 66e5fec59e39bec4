// A bell with a counter, and the latest notifications below it.

import { clockTime, el } from './dom.js';

const KEEP = 12;
const ICONS = { mention: '@', success: '✓', warning: '!', info: 'i' };

export function notificationsCard(card) {
  const bell = card.querySelector('.bell');
  const counter = bell.querySelector('.count');
  const list = card.querySelector('.notifications');
  let unread = 0;

  function count(value) {
    unread = value;
    counter.textContent = unread > 99 ? '99+' : unread;
    counter.hidden = unread === 0;
    bell.setAttribute('aria-label', unread === 0 ? 'No unread notifications' : `${unread} unread notifications: mark as read`);
  }

  bell.addEventListener('click', () => {
    list.querySelectorAll('.unread').forEach(item => item.classList.remove('unread'));
    count(0);
  });
  count(0);

  return {
    notification(event) {
      const { title, text, kind, time } = JSON.parse(event.data);
      list.querySelector('.empty')?.remove();
      list.prepend(
        el('li', { className: 'notification unread', data: { kind } },
          el('span', { className: 'icon', textContent: ICONS[kind] ?? '•', ariaHidden: 'true' }),
          el('strong', { textContent: title }),
          el('time', { dateTime: time, textContent: clockTime(time) }),
          el('p', { textContent: text })));
      while (list.children.length > KEEP) list.lastElementChild.remove();
      count(unread + 1);
      bell.classList.remove('ring');
      void bell.offsetWidth; // restarts the animation
      bell.classList.add('ring');
    },
  };
}
