import {EventSource} from 'extended-eventsource';
import {received, url} from './received.js';

const source = new EventSource(url, {disableLogger: true});
source.onopen = () => console.log('open');
source.onmessage = event => received(event.type, event.data);
source.addEventListener('gap', event => received('gap', event.data));
