// Subscribe to any topic, publish to any topic, and inspect the events as they arrive.

import { el, exactTime, gapSentence, showStream } from './dom.js';
import { Reader } from './reader.js';
import { credential, currentToken, problemText, send } from './requests.js';
import { streamUrl, topicPath } from './stream.js';

const KEEP = 500;
const HISTORY_PAGE = 100;

export function explorerCards(subscribeCard, publishCard, inspector) {
  const events = eventTable(inspector);
  const subscription = subscribing(subscribeCard, events);
  publishing(publishCard);
  return { choose: topic => subscription.choose(topic) };
}

/** The table of events: newest first, with a filter and a pause. */
function eventTable(card) {
  const rows = card.querySelector('tbody');
  const count = card.querySelector('.count-shown');
  const filter = card.querySelector('[name=filter]');
  const pause = card.querySelector('.pause');
  let received = 0;
  let held = []; // while it is paused

  function matches(row) {
    const wanted = filter.value.trim().toLowerCase();
    return wanted === '' || row.textContent.toLowerCase().includes(wanted);
  }

  function show(row) {
    row.hidden = !matches(row);
    rows.prepend(row);
    while (rows.children.length > KEEP) rows.lastElementChild.remove();
    card.querySelector('.empty').hidden = true;
  }

  function say() {
    count.textContent = held.length > 0 ? `${received} received, ${held.length} held back` : `${received} received`;
  }

  filter.addEventListener('input', () => {
    for (const row of rows.children) row.hidden = !matches(row);
  });
  pause.addEventListener('click', () => {
    const paused = pause.ariaPressed !== 'true';
    pause.ariaPressed = paused;
    pause.textContent = paused ? 'Go on' : 'Pause';
    if (!paused) held.forEach(show);
    held = paused ? held : [];
    say();
  });
  card.querySelector('.clear').addEventListener('click', () => {
    rows.replaceChildren();
    held = [];
    received = 0;
    say();
  });

  return {
    add(event, time) {
      received++;
      const row = eventRow(event, time);
      if (pause.ariaPressed === 'true') held = [...held, row].slice(-KEEP);
      else show(row);
      say();
    },
  };
}

function eventRow({ id, type, topic, encoding, data }, time) {
  const gap = type === 'gap' ? gapSentence(JSON.parse(data)) : null;
  const copy = el('button', { type: 'button', className: 'copy', textContent: 'Copy' });
  copy.ariaLabel = 'Copy the data of this event';
  copy.addEventListener('click', () => copied(copy, data));
  return el('tr', { className: gap ? 'gap' : '' },
    cell('time', exactTime(time)),
    cell('topic', topic ?? ''),
    el('td', { className: 'type' }, el('span', { className: 'chip', textContent: type })),
    cell('data', gap ?? (encoding ? `${encoding}: ${data}` : formatted(data))),
    cell('id', id || '–'),
    el('td', {}, copy));
}

/** JSON in lines; other text as it is. */
function formatted(data) {
  if (!/^\s*[[{]/.test(data)) return data;
  try {
    return JSON.stringify(JSON.parse(data), null, 2);
  } catch {
    return data;
  }
}

async function copied(button, text) {
  const word = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not allowed';
  }
  setTimeout(() => { button.textContent = word; }, 1500);
}

function subscribing(card, events) {
  const form = card.querySelector('form');
  const message = card.querySelector('.message');
  const older = form.elements.history;
  let stream = null;
  let page = null; // where the next page of history begins

  function settings() {
    const fields = new FormData(form);
    const since = fields.get('since');
    return {
      topics: split(fields.get('topics'), /\n/),
      since: since === 'other' ? fields.get('other').trim() : since,
    };
  }

  function preview() {
    const { topics, since } = settings();
    form.elements.other.hidden = new FormData(form).get('since') !== 'other';
    page = null;
    older.textContent = 'History';
    older.disabled = topics.length !== 1;
    if (topics.length === 0) return;
    const url = absolute(streamUrl(topics, { since }));
    card.querySelector('.curl').textContent = `curl -N ${authorization()}${quoted(url)}`;
    card.querySelector('.script').textContent = [
      ...(currentToken() ? ['// With a token, get a ticket (POST /tickets), and add ?ticket=… to the URL.'] : []),
      `const source = new EventSource(${JSON.stringify(url)});`,
      'source.onmessage = event => console.log(event.data);',
      "source.addEventListener('gap', event => console.warn('missed', event.data));",
    ].join('\n');
  }

  function subscribe() {
    stream?.close();
    const { topics, since } = settings();
    if (topics.length === 0) return;
    const [only] = topics.length === 1 ? topics : [undefined];
    stream = new Reader(
      streamUrl(topics, { since }),
      event => events.add({ ...event, topic: event.topic ?? only }, new Date()),
      changed => {
        if (stream !== null && stream !== changed) return; // the previous stream is closing
        showStream(card, changed);
        message.textContent = sentence(changed);
        message.classList.toggle('alarm', changed.state === 'failed');
        form.elements.stop.disabled = !['connecting', 'open', 'reconnecting'].includes(changed.state);
      });
  }

  /** Shows a page of past events after the other, oldest first. */
  async function showHistory() {
    const [topic] = settings().topics;
    const query = new URLSearchParams({ limit: HISTORY_PAGE, since: page ?? 'earliest' });
    const response = await send(`${topicPath(topic).replace(/^events/, 'history')}?${query}`);
    if (!response.ok) {
      message.textContent = await problemText(response);
      message.classList.add('alarm');
      return;
    }
    const { events: past, next } = await response.json();
    for (const event of past) {
      events.add({ type: 'message', ...event, topic: event.topic ?? topic }, new Date(event.time));
    }
    page = next;
    older.textContent = next ? 'Next page' : 'History';
    message.classList.remove('alarm');
    message.textContent = past.length === 0
      ? 'The history of this topic is empty.'
      : `${past.length} past events${next ? '; there are more' : ''}.`;
  }

  form.addEventListener('submit', event => {
    event.preventDefault();
    subscribe();
  });
  form.elements.stop.addEventListener('click', () => stream?.close());
  older.addEventListener('click', showHistory);
  form.addEventListener('input', preview);
  credential.addEventListener('change', preview);
  for (const button of card.querySelectorAll('.copy')) {
    button.addEventListener('click', () => copied(button, button.parentElement.querySelector('code').textContent));
  }
  preview();
  return {
    choose(topic) {
      form.elements.topics.value = topic;
      preview();
      subscribe();
    },
  };
}

function sentence(stream) {
  switch (stream.state) {
    case 'failed':
      return `The server refused: ${stream.problem}`;
    case 'ended':
      return 'Ended: the server returned 204, and EventSource would stop.';
    case 'reconnecting':
      return 'The connection was lost. It is opened again with the last event ID.';
    default:
      return '';
  }
}

function publishing(card) {
  const form = card.querySelector('form');
  const answer = card.querySelector('.answer-of-server');
  const curl = card.querySelector('.curl');

  function request() {
    const fields = new FormData(form);
    const topic = fields.get('topic').trim();
    const query = new URLSearchParams();
    for (const name of ['type', 'key']) {
      if (fields.get(name)) query.set(name, fields.get(name));
    }
    if (fields.get('end')) query.set('end', 'true');
    return { url: topicPath(topic) + (query.size > 0 ? `?${query}` : ''), data: fields.get('data') };
  }

  function preview() {
    const { url, data } = request();
    curl.textContent = `curl ${authorization()}--data-binary ${quoted(data)} ${quoted(absolute(url))}`;
  }

  form.addEventListener('submit', async event => {
    event.preventDefault();
    const { url, data } = request();
    try {
      const response = await send(url, {
        method: 'POST',
        headers: { 'Content-Type': 'text/plain; charset=utf-8' },
        body: data,
      });
      answer.classList.toggle('alarm', !response.ok);
      answer.textContent = response.ok
        ? `${response.status} ${JSON.stringify(await response.json(), null, 1)}`
        : await problemText(response);
    } catch (error) {
      answer.classList.add('alarm');
      answer.textContent = `No answer: ${error.message}`;
    }
  });
  form.addEventListener('keydown', event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener('input', preview);
  credential.addEventListener('change', preview);
  preview();
}

/** What a command needs that shall do the same as this page; the token itself is not shown. */
function authorization() {
  return currentToken() ? '-H "Authorization: Bearer $LONGWAVE_TOKEN" ' : '';
}

function cell(className, text) {
  return el('td', { className, textContent: text, title: className === 'id' ? text : '' });
}

function split(text, separator) {
  return text.split(separator).map(part => part.trim()).filter(Boolean);
}

export function absolute(url) {
  return new URL(url, document.baseURI).href;
}

/** Quotes text as one word for a shell. */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
