// The same chat without a library: a WebSocket, and events in envelopes. It resumes with the last ID.
import { Messages } from './messages.js';
import { ticketFor } from './requests.js';
import { onJoin, refusal, showNotice, showState, socketUrl } from './room.js';
import { Typing } from './typing.js';

const SINCE = 'PT1H'; // the messages of the last hour to begin with
const SILENCE_MILLIS = 45_000; // three heartbeats: the connection is dead
const MAX_DELAY_MILLIS = 10_000;

onJoin(({ name, room }) => {
  const topic = `chat/${room}`;
  const typingTopic = `typing/${room}`;
  const sender = Math.random().toString(36).slice(2);
  const form = document.getElementById('say');
  const field = form.elements.text;
  const messages = new Messages();
  const typing = new Typing(field, (typing) => send(typingTopic, { sender, name, typing }));
  const waiting = new Map(); // texts that the server has not answered for, by reference
  let socket;
  let lastId = '';
  let failures = 0;
  let references = 0;
  let silence;
  document.getElementById('topic').textContent = topic;

  async function connect() {
    const refused = failures > 0 && (await refusal(topic)); // a WebSocket does not say why it is closed
    if (refused) {
      showState('failed', 'refused');
      showNotice(refused);
      return;
    }
    let ticket;
    try {
      ticket = await ticketFor('websocket', [topic, typingTopic]);
    } catch (error) {
      showNotice(error.message);
      tryAgain();
      return;
    }
    const url = socketUrl(`ws/${encodeURI(topic)}`);
    url.searchParams.set('topic', typingTopic);
    url.searchParams.set(...(lastId ? ['lastEventId', lastId] : ['since', SINCE]));
    if (ticket) url.searchParams.set('ticket', ticket);
    socket = new WebSocket(url, 'longwave.v1.json');
    socket.onopen = () => {
      showState('open', 'connected');
      listen();
    };
    socket.onmessage = ({ data }) => {
      failures = 0;
      listen();
      receive(JSON.parse(data));
    };
    socket.onclose = ({ code, reason }) => {
      clearTimeout(silence);
      waiting.forEach((text) => showNotice(`Perhaps not sent: ${text}`));
      waiting.clear();
      const asked = code === 1012 && /retry=(\d+)/.exec(reason); // the server stops, and spreads its clients
      tryAgain(asked ? Number(asked[1]) : undefined);
    };
  }

  function tryAgain(delay) {
    failures++;
    showState('reconnecting', 'reconnecting');
    const backoff = Math.min(MAX_DELAY_MILLIS, 250 * 2 ** failures) * (0.5 + Math.random() / 2);
    setTimeout(connect, delay ?? backoff);
  }

  /** The server sends something with each heartbeat, if only where the stream stands. */
  function listen() {
    clearTimeout(silence);
    silence = setTimeout(() => socket.close(), SILENCE_MILLIS);
  }

  function receive(message) {
    lastId = message.id ?? message.cursor ?? lastId;
    if (message.gap) {
      messages.add(`Messages are missing here: ${message.gap}`);
    } else if (message.topic === topic) {
      messages.add(parsed(message.data));
    } else if (message.topic === typingTopic) {
      const told = parsed(message.data);
      if (told && told.sender !== sender) typing.heard(told);
    } else if (message.ref !== undefined) {
      waiting.delete(message.ref);
      showNotice(message.problem ? `Not sent: ${message.problem.detail ?? message.problem.title}` : '');
    }
  }

  function send(topic, data) {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    const ref = ++references;
    if (data.text) waiting.set(ref, data.text);
    socket.send(JSON.stringify({ ref, topic, data: JSON.stringify(data) }));
    return true;
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    typing.end();
    if (send(topic, { name, text, time: Date.now() })) {
      field.value = ''; // it is shown when it comes back
    } else {
      showNotice('Not sent: there is no connection.');
    }
  });

  connect();
  field.focus();
});

/** Data is text, which need not be JSON. */
function parsed(data) {
  try {
    return JSON.parse(data) ?? data;
  } catch {
    return data;
  }
}
