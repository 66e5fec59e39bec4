// htmx looks at the page once its extension is there.
import './snippet-htmx.js';

document.body.innerHTML = '<button>toggle</button>';
const button = document.querySelector('button');
const toggle = () => {
  const list = document.querySelector('ul');
  if (list) {
    htmx.swap('#place', '', { swapStyle: 'innerHTML' });
    return;
  }
  htmx.swap('#place', '<ul hx-ext="longwave" longwave-topics="a b" hx-swap="beforeend"></ul>', { swapStyle: 'innerHTML' });
};
document.body.insertAdjacentHTML('beforeend', '<div id="place"></div>');
button.onclick = toggle;
toggle();
