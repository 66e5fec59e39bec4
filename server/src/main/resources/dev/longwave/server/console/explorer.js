// Subscribe to any topic, publish to any topic, and inspect the events as they arrive.

import { clockTime, el, gapSentence, showStream } from './dom.js';
import { Stream, problemText, streamUrl, topicPath } from './stream.js';

const KEEP = 200;

export function explorerCards(subscribeCard, publishCard, inspector) {
  subscribing(subscribeCard, inspector);
  publishing(publishCard);
}

function subscribing(card, inspector) {
  const form = card.querySelector('form');
  const rows = inspector.querySelector('tbody');
  const count = inspector.querySelector('.count-shown');
  const message = card.querySelector('.message');
  let stream = null;

  function row(className, event, data) {
    inspector.querySelector('.empty')?.setAttribute('hidden', '');
    rows.prepend(
      el('tr', { className },
        cell('id', event.lastEventId || '–'),
        el('td', { className: 'type' }, el('span', { className: 'chip', textContent: event.type })),
        cell('time', clockTime(Date.now())),
        cell('data', data)));
    while (rows.children.length > KEEP) rows.lastElementChild.remove();
    count.textContent = `${stream?.events ?? 0} received`;
  }

  function settings() {
    const fields = new FormData(form);
    const since = fields.get('since');
    return {
      topics: split(fields.get('topics'), /\n/),
      since: since === 'other' ? fields.get('other').trim() : since,
      types: split(fields.get('types'), /[\s,]+/),
    };
  }

  function preview() {
    const { topics, since } = settings();
    form.elements.other.hidden = new FormData(form).get('since') !== 'other';
    if (topics.length > 0) {
      card.querySelector('.curl').textContent = `curl -N ${quoted(absolute(streamUrl(topics, { since })))}`;
    }
  }

  form.addEventListener('submit', event => {
    event.preventDefault();
    stream?.close();
    stream = null;
    const { topics, since, types } = settings();
    if (topics.length === 0) return;
    const on = {};
    for (const type of types) on[type] = event => row('', event, event.data);
    stream = new Stream({
      topics,
      since,
      on,
      onGap: (gap, event) => row('gap', event, gapSentence(gap)),
      onChange(changed) {
        if (stream !== null && stream !== changed) return; // the previous stream is closing
        showStream(card, changed);
        message.textContent = sentence(changed);
        message.classList.toggle('alarm', changed.state === 'failed');
        form.elements.stop.disabled = !['connecting', 'open', 'reconnecting', 'cut'].includes(changed.state);
      },
    });
  });
  form.elements.stop.addEventListener('click', () => stream?.close());
  form.addEventListener('input', preview);
  inspector.querySelector('.clear').addEventListener('click', () => rows.replaceChildren());
  preview();
}

function sentence(stream) {
  switch (stream.state) {
    case 'failed':
      return `The server refused: ${stream.problem}`;
    case 'ended':
      return 'Ended: the server returned 204, and EventSource stopped.';
    case 'reconnecting':
      return 'The connection was lost. EventSource reconnects by itself with the last event ID.';
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
    curl.textContent = `curl --data-binary ${quoted(data)} ${quoted(absolute(url))}`;
  }

  form.addEventListener('submit', async event => {
    event.preventDefault();
    const { url, data } = request();
    try {
      const response = await fetch(url, {
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
  preview();
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
