// Reads an event stream with fetch. EventSource dispatches only the types that a page has listeners for, and says neither
// the status of a response nor the fields that it does not know; the explorer shows all of it.

import { problemText, send } from './requests.js';

const RETRY_MS = 2000;

export class Reader {
  #abort = new AbortController();
  #retry = RETRY_MS;

  /** connecting, open, reconnecting, ended, failed or closed. */
  state = 'connecting';
  lastEventId = '';
  events = 0;
  reconnects = 0;
  gaps = 0;
  problem = '';

  /**
   * @param url the stream
   * @param onEvent called with {id, type, topic, encoding, data} for each event
   * @param onChange called whenever one of the fields above has changed
   */
  constructor(url, onEvent, onChange) {
    this.onEvent = onEvent;
    this.onChange = onChange;
    this.#run(url);
  }

  close() {
    this.#abort.abort();
    if (!['ended', 'failed'].includes(this.state)) this.#become('closed');
  }

  async #run(url) {
    while (!this.#abort.signal.aborted) {
      try {
        const headers = this.lastEventId ? { 'Last-Event-ID': this.lastEventId } : {};
        const response = await send(url, { headers, signal: this.#abort.signal });
        if (response.status === 204) return this.#become('ended');
        if (response.status >= 400 && response.status < 500) {
          this.problem = await problemText(response);
          return this.#become('failed');
        }
        if (response.ok) {
          if (this.state === 'reconnecting') this.reconnects++;
          this.#become('open');
          await this.#read(response.body.pipeThrough(new TextDecoderStream()).getReader());
        }
      } catch {
        // The connection broke, or was closed here.
      }
      if (this.#abort.signal.aborted) return undefined;
      this.#become('reconnecting');
      await new Promise(resolve => setTimeout(resolve, this.#retry));
    }
    return undefined;
  }

  async #read(source) {
    let rest = '';
    let block = {};
    for (;;) {
      const { done, value } = await source.read();
      if (done) return; // an unfinished block counts for nothing
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        if (line === '') {
          this.#end(block);
          block = {};
        } else {
          this.#field(block, line);
        }
      }
    }
  }

  #field(block, line) {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') block.data = 'data' in block ? `${block.data}\n${value}` : value;
    else if (name === 'retry') this.#retry = Number(value) || this.#retry;
    else if (name) block[name] = value;
  }

  #end({ id, event: type = 'message', data, topic, encoding }) {
    if (id) this.lastEventId = id;
    if (data === undefined) return;
    this.events++;
    if (type === 'gap') this.gaps++;
    this.onEvent({ id: id ?? '', type, topic, encoding, data });
    this.onChange(this);
  }

  #become(state) {
    this.state = state;
    this.onChange(this);
  }
}
