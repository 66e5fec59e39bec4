// Shared by the chat and the cursors: the form at the start, and the connection.

import { currentToken, problemText, send } from './requests.js';

/** Asks for a name and a room, and then shows the room. A tab remembers its name when it is reloaded. */
export function onJoin(join) {
  const form = document.getElementById('join');
  const { who, room } = form.elements;
  who.value ||= remembered(); // it may have been filled in before this script was there
  room.value ||= new URLSearchParams(location.search).get('room') ?? 'lobby';
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const name = who.value.trim();
    remember(name);
    history.replaceState(null, '', `?${new URLSearchParams({ room: room.value })}`);
    form.closest('.card').hidden = true;
    document.querySelector('.room').hidden = false;
    join({ name, room: room.value });
  });
  form.querySelector('[type=submit]').disabled = false;
}

const NAME_KEY = 'longwave-name';

function remembered() {
  try {
    return sessionStorage.getItem(NAME_KEY) ?? '';
  } catch {
    return ''; // there is no storage
  }
}

function remember(name) {
  try {
    sessionStorage.setItem(NAME_KEY, name);
  } catch {
    // Then the visitor enters it again.
  }
}

/** The server's address for WebSockets, also if it is below a path of a proxy. */
export function socketUrl(path) {
  const url = new URL(`../${path}`, document.baseURI);
  url.protocol = url.protocol.replace('http', 'ws');
  return url;
}

/**
 * A client of the library, whose state the page shows, and its ID while it is connected. If it has not signed in, others
 * are told the name.
 */
export function newClient(name) {
  const self = {};
  const client = new globalThis.Centrifuge(socketUrl('connection/websocket').href, {
    data: { name },
    token: currentToken(), // it is in the first message, not in the URL
  });
  let before = false;
  client.on('connected', (context) => {
    self.id = context.client;
    before = true;
    showState('open', 'connected');
  });
  client.on('connecting', () => showState(...(before ? ['reconnecting', 'reconnecting'] : ['connecting', 'connecting'])));
  client.on('disconnected', ({ reason }) => showState('failed', reason));
  return { client, self };
}

/** Why the server does not let the visitor into the topic; empty if it does, or if it does not answer. */
export async function refusal(topic) {
  try {
    const response = await send(new URL(`../history/${encodeURI(topic)}?limit=1`, document.baseURI));
    return [401, 403].includes(response.status) ? await problemText(response) : '';
  } catch {
    return '';
  }
}

/** Publishes what is worth nothing later, unless it cannot be sent now: the library would keep it until then. */
export function tell(subscription, data) {
  if (subscription.state === 'subscribed') subscription.publish(data).catch(() => {});
}

export function showState(state, text) {
  const pill = document.getElementById('state');
  pill.dataset.state = state;
  pill.textContent = text;
}

/** Says what went wrong, until the next time. */
export function showNotice(text) {
  document.getElementById('notice').textContent = text;
}
