import {createEventSource} from 'eventsource-client';
import {received, url} from './received.js';

createEventSource({
  url,
  onConnect: () => console.log('open'),
  onMessage: ({event, data}) => received(event ?? 'message', data),
});
