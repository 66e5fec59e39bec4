import { el } from './dom.js';

/**
 * Who is in the topic of a subscription. All connections of a user are one member; a connection that has not signed in
 * is a member of its own, with the name that it has given itself.
 */
export class Members {
  #members = new Map(); // names, by user or connection
  #changes; // those that came since the list was asked for

  /** @param self has the ID of the page's own connection */
  constructor(self, subscription) {
    this.self = self;
    subscription.on('subscribed', async () => {
      // Members come and go while the list is on its way: what happens is applied to the list that arrives.
      const changes = [];
      this.#changes = changes;
      try {
        const { clients } = await subscription.presence();
        if (changes !== this.#changes) return; // it has subscribed again meanwhile
        this.#members = new Map();
        Object.values(clients).forEach((info) => this.#add(info));
        changes.forEach((change) => change());
      } catch {
        // The broker keeps no presence, or the client may not see it: then only joins and leaves are shown.
      }
      if (changes === this.#changes) this.#changes = undefined;
      this.#show();
    });
    this.#listen(subscription, 'join', (info) => this.#add(info));
    this.#listen(subscription, 'leave', (info) => this.#members.delete(keyOf(info)));
  }

  #add(info) {
    this.#members.set(keyOf(info), nameOf(info));
    if (info.client === this.self.id) this.self.key = keyOf(info);
  }

  #listen(subscription, event, apply) {
    subscription.on(event, ({ info }) => {
      apply(info);
      this.#changes?.push(() => apply(info));
      this.#show();
    });
  }

  #show() {
    const names = [...this.#members].map(([key, name]) => (key === this.self.key ? `${name} (you)` : name));
    names.sort((a, b) => a.localeCompare(b));
    document.getElementById('members').replaceChildren(...names.map((name) => el('li', { textContent: name })));
    document.getElementById('count').textContent = names.length;
  }
}

function keyOf({ client, user }) {
  return user || client;
}

function nameOf({ client, user, connInfo }) {
  return user || String(connInfo?.name || client);
}
