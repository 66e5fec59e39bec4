import { clockTime, el } from './dom.js';

const MAX_SHOWN = 500;

/** The messages of a room, in the order of the topic, each once. */
export class Messages {
  #list = document.getElementById('messages');

  /**
   * @param data what was published: usually {name, text, time}, but anybody can publish anything
   * @param offset where it belongs; undefined for the end
   */
  add(data, offset) {
    const before = offset === undefined
      ? this.#list.lastElementChild
      : [...this.#list.children].findLast((row) => Number(row.dataset.offset) <= offset);
    if (before && offset !== undefined && Number(before.dataset.offset) === offset) return;
    const atEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 8;
    const row = this.#row(data);
    if (offset !== undefined) row.dataset.offset = offset;
    if (before) before.after(row);
    else this.#list.prepend(row);
    if (this.#list.children.length > MAX_SHOWN) this.#list.firstElementChild.remove();
    if (atEnd) this.#list.scrollTop = this.#list.scrollHeight;
  }

  clear() {
    this.#list.replaceChildren();
  }

  #row(data) {
    if (typeof data !== 'object' || data === null) return el('li', {}, String(data));
    const { name, text, time } = data;
    const row = el('li', {});
    if (Number.isFinite(time) && Math.abs(time) < 8.64e15) row.append(el('time', {}, clockTime(new Date(time))));
    row.append(el('strong', {}, String(name ?? '')), el('span', {}, String(text ?? '')));
    return row;
  }
}
