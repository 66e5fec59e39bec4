// The pointers of all who are in a room, with the library "centrifuge". Their places are ephemeral events.
import { el } from './dom.js';
import { Members } from './members.js';
import { newClient, onJoin, refusal, showNotice, tell } from './room.js';

const SEND_MILLIS = 50; // a browser reports a pointer more often than anybody needs it
const FORGET_MILLIS = 10_000;
const TINTS = ['--wave', '--glow', '--violet', '--alarm', '--ink'];

onJoin(({ name, room }) => {
  const area = document.getElementById('area');
  const { client, self } = newClient(name);
  const topic = client.newSubscription(`cursors/${room}`, { joinLeave: true });
  const cursors = new Map(); // by sender
  let place; // the newest, until it is sent
  let timer;
  new Members(self, topic);
  document.getElementById('topic').textContent = topic.channel;

  function move({ sender, name, x, y }) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      remove(sender); // it has left the area
      return;
    }
    let cursor = cursors.get(sender);
    if (!cursor) {
      const element = el('div', { className: 'cursor' }, el('span', {}, String(name)));
      element.style.setProperty('--tint', `var(${TINTS[cursors.size % TINTS.length]})`);
      area.append(element);
      cursor = { element };
      cursors.set(sender, cursor);
    }
    cursor.element.style.left = `${x * 100}%`;
    cursor.element.style.top = `${y * 100}%`;
    clearTimeout(cursor.timer);
    cursor.timer = setTimeout(() => remove(sender), FORGET_MILLIS);
  }

  function remove(sender) {
    const cursor = cursors.get(sender);
    if (!cursor) return;
    clearTimeout(cursor.timer);
    cursor.element.remove();
    cursors.delete(sender);
  }

  /** Sends the newest place now, or when enough time has passed since the last one. */
  function send(newest) {
    place = newest;
    if (timer) return;
    sendPlace();
    timer = setTimeout(() => {
      timer = undefined;
      if (place) send(place);
    }, SEND_MILLIS);
  }

  function sendPlace() {
    tell(topic, { sender: self.id, name, ...place });
    place = undefined;
  }

  topic.on('publication', ({ data }) => {
    if (data && data.sender !== self.id) move(data);
  });
  topic.on('leave', ({ info }) => remove(info.client));
  topic.on('unsubscribed', async ({ reason }) => {
    showNotice(`The room cannot be read: ${(await refusal(topic.channel)) || reason}`);
  });
  area.addEventListener('pointermove', ({ clientX, clientY }) => {
    const { left, top, width, height } = area.getBoundingClientRect();
    send({ x: (clientX - left) / width, y: (clientY - top) / height });
  });
  area.addEventListener('pointerleave', () => send({}));

  topic.subscribe();
  client.connect();
});
