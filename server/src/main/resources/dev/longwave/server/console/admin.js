// The admin console: the figures come as a stream, topics and streams are asked for every other second.

import { clockTime, el } from './dom.js';
import { showNode } from './node.js';
import { problemText } from './requests.js';
import { topicList } from './topics.js';

const ASK_MS = 2000;
const MOST_TOPICS = 200;
const NUMBER = new Intl.NumberFormat('en');

const card = id => document.getElementById(id);

watchFigures(card('server'), card('broker'), card('node'));
const explanation = explaining(card('explain'));
const streams = streamList(card('streams'), explanation.ask);
const topics = topicList(card('topics'), topic => explanation.ask({ topic }), card('topics').querySelector('select'));
commanding(card('commands'));
keepAsking(async () => topics.show((await get(`figures?once&topics=${MOST_TOPICS}`)).busiest));
keepAsking(streams.refresh);

/** Shows each sample of the node's figures. */
function watchFigures(lamp, pill, section) {
  const source = new EventSource('figures');
  const say = (state, text) => {
    lamp.dataset.state = state;
    lamp.textContent = text;
  };
  source.addEventListener('figures', event => {
    const state = JSON.parse(event.data);
    const [{ node, draining }] = state.nodes;
    showNode(pill, section, state);
    say(draining ? 'ending' : 'open', draining ? `${node}, draining` : node);
  });
  source.onerror = () => say('reconnecting', 'no answer, trying again');
}

/** The streams of this node: the slowest, or those of one subject. */
function streamList(section, explain) {
  const rows = section.querySelector('tbody');
  const search = section.querySelector('form');
  const button = section.querySelector('.disconnect');
  const message = section.querySelector('.message');
  const subject = () => search.elements.subject.value.trim();

  async function refresh() {
    const wanted = subject();
    const { open, streams } = await get(`admin/streams?${wanted ? new URLSearchParams({ subject: wanted }) : ''}`);
    if (wanted !== subject()) return; // it has changed meanwhile
    section.querySelector('.count-shown').textContent =
      open > streams.length ? `${NUMBER.format(open)}, the slowest ${streams.length} shown` : NUMBER.format(open);
    section.querySelector('.empty').hidden = streams.length > 0;
    rows.replaceChildren(...streams.map(row));
  }

  function row({ connection, transport, subject, opened, topics, topicCount, delivered, waiting, stalls }) {
    const name = el('button', { type: 'button', className: 'link', textContent: connection });
    name.addEventListener('click', () => explain({ topic: topics[0] ?? '', connection }));
    return el('tr', {},
      el('td', { className: waiting > 0 ? 'number alarm' : 'number', textContent: NUMBER.format(waiting) }),
      el('td', { className: 'topic', textContent: subject ?? '–' }),
      el('td', {}, name),
      el('td', { textContent: transport }),
      el('td', { className: 'time', textContent: clockTime(opened) }),
      el('td', { className: 'number', textContent: NUMBER.format(delivered) }),
      el('td', { className: 'number', textContent: NUMBER.format(stalls) }),
      el('td', { className: 'topic', textContent: topics.join(' ') + (topicCount > topics.length ? ' …' : '') }));
  }

  function changed() {
    button.hidden = !('signIn' in document.body.dataset) || subject() === '';
    button.textContent = `Disconnect ${subject()}`;
    refresh().catch(() => {}); // it is asked for again in a moment
  }

  search.addEventListener('input', changed);
  search.addEventListener('submit', event => {
    event.preventDefault();
    changed();
  });
  button.addEventListener('click', () => command(message, 'admin/disconnect', {
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ subject: subject() }),
  }, () => 'Its streams on all nodes are ended. The client may connect again.'));
  return { refresh };
}

function explaining(section) {
  const { elements } = section.querySelector('form');
  const message = section.querySelector('.message');
  const document = section.querySelector('pre');

  async function explain() {
    const query = new URLSearchParams({ topic: elements.topic.value.trim(), id: elements.id.value.trim() });
    const client = elements.connection.value.trim() ? 'connection' : 'subject';
    query.set(client, elements[client].value.trim());
    document.hidden = true;
    try {
      const answer = await get(`admin/explain?${query}`);
      message.classList.remove('alarm');
      message.textContent = [answer.outcome, answer.detail ?? answer.event.detail].filter(Boolean).join(': ');
      document.textContent = JSON.stringify(answer, null, 2);
      document.hidden = false;
    } catch (error) {
      message.classList.add('alarm');
      message.textContent = error.message;
    }
  }

  section.querySelector('form').addEventListener('submit', event => {
    event.preventDefault();
    explain();
  });
  return {
    /** Fills in what is known, so that the rest can be entered. */
    ask({ topic, connection = '' }) {
      elements.topic.value = topic;
      elements.connection.value = connection;
      elements.id.focus();
    },
  };
}

function commanding(section) {
  const message = section.querySelector('.message');
  const { rebalance, drain, reload } = section.querySelector('form').elements;
  rebalance.addEventListener('click', () => command(message, 'admin/rebalance?percent=10', {},
    ({ streams }) => `${streams} streams are being moved.`));
  drain.addEventListener('click', () => {
    if (!confirm('Drain this node? It serves clients again only after a restart.')) return;
    command(message, 'admin/drain', {}, ({ streams }) => `${streams} streams are being ended.`);
  });
  reload.addEventListener('click', () => command(message, 'admin/reload', {}, ({ applied, needRestart, endedStreams }) =>
    `Applied: ${applied.join(', ') || 'nothing has changed'}.`
    + (needRestart.length ? ` After a restart: ${needRestart.join(', ')}.` : '')
    + (endedStreams ? ` Streams ended: ${endedStreams}.` : '')));
}

/** Sends a command, and says what came of it; `describe` makes a sentence of the answer. */
async function command(message, url, options, describe) {
  try {
    const response = await fetch(url, { method: 'POST', ...options });
    if (!response.ok) throw new Error(await problemText(response));
    const text = await response.text();
    message.classList.remove('alarm');
    message.textContent = describe(text ? JSON.parse(text) : {});
  } catch (error) {
    message.classList.add('alarm');
    message.textContent = error.message;
  }
}

async function get(url) {
  const response = await fetch(url, { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(await problemText(response));
  return response.json();
}

/** Asks now and then; while there is no answer, the page shows the last one, and that the node is away. */
function keepAsking(ask) {
  ask().catch(() => {}).finally(() => setTimeout(() => keepAsking(ask), ASK_MS));
}
