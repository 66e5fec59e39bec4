import { createElement, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useLongwave } from './snippet-react.js';

const List = () => {
  const [events, setEvents] = useState([]);
  useLongwave(['a', 'b'], ({ topic, data }) => setEvents(before => [...before, topic + '=' + data]));
  return createElement('ul', null, events.map(text => createElement('li', { key: text }, text)));
};

const App = () => {
  const [shown, setShown] = useState(true);
  return createElement('div', null,
    createElement('button', { onClick: () => setShown(!shown) }, 'toggle'), shown && createElement(List));
};

createRoot(document.body).render(createElement(StrictMode, null, createElement(App)));
