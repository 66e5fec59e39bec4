const REPEAT_MILLIS = 2000; // how often others are told that somebody is still typing
const FORGET_MILLIS = 5000; // how long they believe it

/** Who is typing: what others say of themselves, and telling them of this page's own field. */
export class Typing {
  #others = new Map(); // by sender
  #toldAt; // the time of the last message, if it said that somebody is typing

  /** @param tell sends others whether somebody is typing here */
  constructor(field, tell) {
    this.tell = tell;
    field.addEventListener('input', () => (field.value ? this.#begin() : this.end()));
  }

  #begin() {
    const now = performance.now();
    if (this.#toldAt !== undefined && now - this.#toldAt < REPEAT_MILLIS) return;
    this.#toldAt = now;
    this.tell(true);
  }

  /** The message was sent, or cleared. */
  end() {
    if (this.#toldAt === undefined) return;
    this.#toldAt = undefined;
    this.tell(false);
  }

  heard({ sender, name, typing }) {
    clearTimeout(this.#others.get(sender)?.timer);
    if (typing) {
      this.#others.set(sender, { name: String(name), timer: setTimeout(() => this.forget(sender), FORGET_MILLIS) });
    } else {
      this.#others.delete(sender);
    }
    this.#show();
  }

  forget(sender) {
    this.heard({ sender, typing: false });
  }

  #show() {
    const names = [...this.#others.values()].map(({ name }) => name);
    document.getElementById('typing').textContent =
      names.length === 0 ? '' : names.length === 1 ? `${names[0]} is typing …` : `${names.join(', ')} are typing …`;
  }
}
