// Shared by all cards: creating elements, and showing the state of a stream.

/** Creates an element. Children are nodes or text; text is never parsed as HTML. */
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [property, value] of Object.entries(properties)) {
    if (property === 'data') Object.assign(element.dataset, value);
    else element[property] = value;
  }
  element.append(...children);
  return element;
}

const STATES = {
  connecting: 'connecting',
  open: 'open',
  reconnecting: 'reconnecting',
  ending: 'last event seen',
  ended: 'ended',
  failed: 'refused',
  cut: 'disconnected',
  closed: 'closed',
};

/** Shows the state in the card's pill, and the ID, reconnects, and gaps in its footer. */
export function showStream(card, stream, gaps = stream.gaps) {
  const pill = card.querySelector('.state');
  if (pill.dataset.state !== stream.state) {
    pill.dataset.state = stream.state;
    pill.textContent = STATES[stream.state];
  }
  let facts = card.querySelector('.facts');
  if (!facts.firstChild) {
    facts.append(
      fact('last ID', 'id'), fact('reconnects', 'reconnects'), fact('gaps', 'gaps'));
  }
  const id = facts.querySelector('[data-fact=id]');
  id.textContent = stream.lastEventId || '–';
  id.title = stream.lastEventId;
  facts.querySelector('[data-fact=reconnects]').textContent = stream.reconnects;
  const count = facts.querySelector('[data-fact=gaps]');
  count.textContent = gaps;
  count.classList.toggle('alarm', gaps > 0);
}

function fact(label, name) {
  return el('div', {}, el('dt', { textContent: label }), el('dd', { data: { fact: name }, textContent: '–' }));
}

/** Describes a gap in one sentence, for all cards. */
export function gapSentence({ topic, reason, after, before }) {
  if (reason === 'skipped') return `Skipped older events of ${topic}: there, only the newest matter (lag policy latest).`;
  const range = after ? `after ${after} and before ${before}` : `before ${before}`;
  return `Gap (${reason}): events of ${topic} ${range} are missing.`;
}

/** Shows a gap on a card for a while. */
export function showGap(card, gap) {
  card.querySelector('.gap-notice')?.remove();
  const notice = el('p', { className: 'gap-notice', textContent: gapSentence(gap), data: { reason: gap.reason } });
  notice.setAttribute('role', 'status');
  card.querySelector('.body').after(notice);
  setTimeout(() => notice.remove(), 30_000);
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export function clockTime(time) {
  return CLOCK.format(typeof time === 'string' ? new Date(time) : time);
}

/** The time to the millisecond. */
export function exactTime(time) {
  return `${CLOCK.format(time)}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

/** Runs the function at most once per frame, however often it is called. */
export function oncePerFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}
