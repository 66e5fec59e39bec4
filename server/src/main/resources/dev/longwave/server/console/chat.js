// A chat with the library "centrifuge". Messages are kept; who is typing is told on a topic of its own, whose events are not.
import { Members } from './members.js';
import { Messages } from './messages.js';
import { newClient, onJoin, refusal, showNotice, tell } from './room.js';
import { Typing } from './typing.js';

const HISTORY = 50; // messages to begin with

onJoin(({ name, room }) => {
  const { client, self } = newClient(name);
  const chat = client.newSubscription(`chat/${room}`, { joinLeave: true });
  const typingTopic = client.newSubscription(`typing/${room}`);
  const form = document.getElementById('say');
  const field = form.elements.text;
  const messages = new Messages();
  const typing = new Typing(field, (typing) => tell(typingTopic, { sender: self.id, name, typing }));
  new Members(self, chat);
  document.getElementById('topic').textContent = chat.channel;

  chat.on('subscribed', async ({ recovered }) => {
    if (recovered) return; // what the page has missed comes as publications
    messages.clear();
    try {
      const { publications } = await chat.history({ limit: HISTORY, reverse: true });
      publications.forEach(({ data, offset }) => messages.add(data, offset));
    } catch (error) {
      showNotice(`Earlier messages cannot be read: ${error.message}`);
    }
  });
  chat.on('publication', ({ data, offset }) => messages.add(data, offset));
  chat.on('leave', ({ info }) => typing.forget(info.client));
  chat.on('unsubscribed', async ({ reason }) => {
    showNotice(`The room cannot be read: ${(await refusal(chat.channel)) || reason}`);
  });
  typingTopic.on('publication', ({ data }) => {
    if (data && data.sender !== self.id) typing.heard(data);
  });

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    field.value = '';
    typing.end();
    try {
      await chat.publish({ name, text, time: Date.now() }); // it is shown when it comes back
      showNotice('');
    } catch (error) {
      showNotice(`Not sent: ${error.message}`);
      field.value ||= text;
    }
  });

  chat.subscribe();
  typingTopic.subscribe();
  client.connect();
  field.focus();
});
