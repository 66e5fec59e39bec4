import { events } from './snippet-svelte.js';

const button = document.body.appendChild(document.createElement('button'));
button.textContent = 'toggle';
let list;
let unsubscribe;
const toggle = () => {
  if (list) {
    unsubscribe();
    list.remove();
    list = undefined;
    return;
  }
  list = document.body.appendChild(document.createElement('ul'));
  unsubscribe = store.subscribe(told => list.replaceChildren(...told.map(({ topic, data }) =>
    Object.assign(document.createElement('li'), { textContent: topic + '=' + data }))));
};
const store = events(['a', 'b'], {}, 2);
button.onclick = toggle;
toggle();
