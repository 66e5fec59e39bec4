// A library for pages; Node.js lacks the two objects by which it notices that a page is hidden.
globalThis.window = globalThis;
globalThis.document = {hidden: false, addEventListener() {}, removeEventListener() {}};

const {fetchEventSource} = (await import('@microsoft/fetch-event-source')).default;
const {received, url} = await import('./received.js');

fetchEventSource(url, {
  openWhenHidden: true,
  onopen: async () => console.log('open'),
  onmessage: ({event, data}) => received(event || 'message', data),
  // An answer that ends is no error to it, and it would not reconnect.
  onclose() {
    throw new Error('the stream ended');
  },
  onerror: () => 500, // The default is 1 s.
});
