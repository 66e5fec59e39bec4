// The state of the server: of its broker, and, where the server shows them, the node's own figures. Neither comes as
// an event: a server that has lost its broker cannot publish. The admin listener streams the figures; the console asks
// for them instead, because a stream would occupy another of the six connections.

import { clockTime, el } from './dom.js';

const HEALTH_MS = 3000;
const FIGURES_MS = 1000;
const LAMPS = { connected: 'open', resyncing: 'connecting', degraded: 'failed', disconnected: 'reconnecting', failed: 'failed' };
const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/**
 * Keeps the broker's pill up to date, and the section with the figures if the page's body says that there are any.
 *
 * @param onTopics called with the node's topics, if there are figures
 * @param onReached called with whether the server has answered
 */
export function watchNode(pill, section, { onTopics, onReached }) {
  const figures = 'figures' in document.body.dataset;
  const ask = async () => {
    try {
      const state = await (await fetch(figures ? 'figures?topics=100' : 'health/live')).json();
      onReached(true);
      if (figures) {
        showNode(pill, section, state);
        onTopics(state.busiest);
      } else {
        showBroker(pill, state.broker);
      }
    } catch {
      onReached(false);
      pill.dataset.state = 'connecting'; // the server is unavailable, so the state of its broker is unknown
      pill.textContent = 'unknown';
    }
    setTimeout(ask, figures ? FIGURES_MS : HEALTH_MS);
  };
  section.hidden = !figures;
  ask();
}

/** Shows a node's figures in a section, which may leave some of them out, and its broker in a pill. */
export function showNode(pill, section, state) {
  showBroker(pill, state.broker);
  showFigures(section, state);
}

function showBroker(pill, { type, state }) {
  pill.dataset.state = LAMPS[state];
  pill.textContent = `${type}, ${state}`;
}

function showFigures(section, { time, streams, byTransport, connections, subscriptions, topics, perSecond, totals, broker, process, nodes }) {
  const show = (name, text) => {
    const element = section.querySelector(`[data-figure=${name}]`);
    if (element) element.textContent = text;
    return element;
  };
  show('streams', NUMBER.format(streams));
  show('transports', Object.entries(byTransport).map(([kind, count]) => `${kind} ${NUMBER.format(count)}`).join(', ') || 'none');
  show('connections', NUMBER.format(connections));
  show('subscriptions', NUMBER.format(subscriptions));
  show('topics', NUMBER.format(topics));
  show('events', perSecond ? NUMBER.format(perSecond.events) : '–');
  show('deliveries', perSecond ? NUMBER.format(perSecond.deliveries) : '–');
  show('gaps', NUMBER.format(totals.gaps)).classList.toggle('alarm', totals.gaps > 0);
  show('heap', `${Math.round(process.heapBytes / 2 ** 20)} of ${Math.round(process.maxHeapBytes / 2 ** 20)} MiB`);
  show('broker', [`${broker.state} since ${clockTime(broker.since)}`, broker.reason].filter(Boolean).join(': '));
  section.querySelector('tbody').replaceChildren(...nodes.map((node, i) => nodeRow(node, i === 0, time)));
}

/** A node of the cluster; the first one is that which has answered. */
function nodeRow({ node, version, since, streams, draining }, isThis, time) {
  return el('tr', {},
    el('td', { className: 'id', textContent: isThis ? `${node} (this)` : node }),
    el('td', { textContent: version }),
    el('td', { className: 'number', textContent: NUMBER.format(streams) }),
    el('td', { className: 'number', textContent: duration(Math.max(0, Date.parse(time) - Date.parse(since)) / 1000) }),
    el('td', { textContent: draining ? 'draining' : 'serving' }));
}

function duration(seconds) {
  const parts = [[86400, 'd'], [3600, 'h'], [60, 'min']];
  const [size, unit] = parts.find(([part]) => seconds >= part) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit}`;
}
