// A thin layer over EventSource that tracks what the console shows: the state of the connection, the last event
// ID, reconnects, and gaps. Your own page does not need it; `new EventSource(url)` and addEventListener are enough.
// This file shows what EventSource does, and what it does not report.

import { currentToken, problemText, Refusal, send, ticketFor } from './requests.js';

/** All streams that currently hold a connection. */
export const openStreams = new Set();

/** Notifies the header of all streams: 'event' for each event received, 'change' for each change of state. */
export const wire = new EventTarget();

const RETRY_AFTER_FATAL_MS = 4000;

/**
 * The URL of a stream: a single topic is in the path, several are query parameters.
 * It is relative, so that the console also works behind a proxy that serves it under a path.
 */
export function streamUrl(topics, parameters = {}) {
  const query = new URLSearchParams();
  if (topics.length > 1) topics.forEach(topic => query.append('topic', topic));
  for (const [name, value] of Object.entries(parameters)) {
    if (value) query.append(name, value);
  }
  const path = topics.length > 1 ? 'events' : topicPath(topics[0]);
  // A slash is allowed in a query and is easier to read.
  return query.size > 0 ? `${path}?${query.toString().replaceAll('%2F', '/')}` : path;
}

/** The URL of one topic. Slashes separate its segments; everything else is percent-encoded. */
export function topicPath(topic) {
  return 'events/' + topic.split('/').map(encodeURIComponent).join('/');
}

export class Stream {
  #source = null;
  #timer = 0;
  #attempt = 0;
  #refusals = 0;
  #listeners;
  #onChange;

  /** connecting, open, reconnecting, ending, ended, failed, cut or closed. */
  state = 'connecting';
  lastEventId = '';
  events = 0;
  reconnects = 0;
  gaps = 0;
  /** What the server said when it refused the stream. */
  problem = '';

  /**
   * @param topics the topics to subscribe to
   * @param since where to start: '' (live), 'last', 'earliest', a duration such as 'PT5M', or an event ID
   * @param on a function for each event type to listen to; it receives the MessageEvent
   * @param onGap is called when events are missing, with {topic, reason, after, before}
   * @param onChange is called whenever one of the fields above has changed
   */
  constructor({ topics, since = '', on, onGap = () => {}, onChange = () => {} }) {
    this.topics = topics;
    this.since = since;
    this.#onChange = onChange;
    this.#listeners = { ...on, gap: event => this.#gap(event, onGap) };
    this.#open();
  }

  /**
   * Call this on the last event of a topic. The server then closes the stream; EventSource does not know why,
   * reconnects, receives 204 No Content, and stops for good.
   */
  finish() {
    this.#become('ending');
  }

  close() {
    clearTimeout(this.#timer);
    this.#drop();
    this.#become('closed');
  }

  /** Disconnects for a while, then reconnects with the last event ID: the missed events then arrive. */
  cut(milliseconds) {
    this.#drop();
    this.#become('cut');
    this.#resumeIn(milliseconds);
  }

  /** Opens the stream, with a ticket if the visitor has entered a token; see security.md. */
  async #open() {
    if (!currentToken()) {
      this.#listen(streamUrl(this.topics, this.#start()));
      return;
    }
    const attempt = ++this.#attempt;
    try {
      const ticket = await ticketFor('events', this.topics);
      if (attempt === this.#attempt) this.#listen(streamUrl(this.topics, { ...this.#start(), ticket }));
    } catch (error) {
      if (attempt !== this.#attempt) return;
      if (error instanceof Refusal) this.#fail(error.message);
      else this.#resumeIn(RETRY_AFTER_FATAL_MS);
    }
  }

  #listen(url) {
    const source = new EventSource(url);
    this.#source = source;
    openStreams.add(this);

    source.onopen = () => {
      this.#refusals = 0;
      if (this.state === 'reconnecting' || this.state === 'cut') this.reconnects++;
      this.#become(this.state === 'ending' ? 'ending' : 'open');
    };

    // EventSource only dispatches the types that have a listener; 'message' stands for events without a type.
    for (const [type, listener] of Object.entries(this.#listeners)) {
      source.addEventListener(type, event => {
        // After a tilde comes what proves that the ticket was ours. EventSource itself sends it when it reconnects.
        if (event.lastEventId) this.lastEventId = event.lastEventId.split('~')[0];
        this.events++;
        try {
          listener(event);
        } catch (error) {
          // Anyone may publish here: an invalid event must not stop the events after it.
          console.warn(`Cannot read an event of type ${type}:`, event.data, error);
        }
        this.#onChange(this);
        wire.dispatchEvent(new Event('event'));
      });
    }

    // One event for all failures. CONNECTING: the connection was lost, and EventSource reconnects by itself with
    // a Last-Event-ID header. CLOSED: it has given up.
    source.onerror = () => {
      if (source.readyState === EventSource.CONNECTING) {
        if (this.state !== 'ending') this.#become('reconnecting');
        return;
      }
      this.#drop();
      if (this.state === 'ending') {
        this.#become('ended');
      } else {
        this.#askWhy();
      }
    };

    this.#onChange(this);
    wire.dispatchEvent(new Event('change'));
  }

  /**
   * EventSource does not distinguish 204 (ended) from 404 or 500, but fetch does: repeat the request with it.
   */
  async #askWhy() {
    this.#become('reconnecting');
    try {
      const abort = new AbortController();
      const response = await send(streamUrl(this.topics, this.#start()), { signal: abort.signal });
      const refused = response.status >= 400 && response.status < 500;
      const problem = refused ? await problemText(response) : '';
      abort.abort();
      if (this.state !== 'reconnecting') return; // closed meanwhile
      if (response.status === 204) {
        this.#become('ended');
      } else if (refused) {
        this.#fail(problem);
      } else {
        // Once at once, as the ticket was used up; but a new one may be refused, too.
        this.#resumeIn(response.ok && this.#refusals++ === 0 ? 0 : RETRY_AFTER_FATAL_MS);
      }
    } catch {
      if (this.state === 'reconnecting') this.#resumeIn(RETRY_AFTER_FATAL_MS);
    }
  }

  #resumeIn(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), milliseconds);
  }

  /** A new EventSource cannot set a Last-Event-ID header; the server also accepts it as a parameter. */
  #start() {
    return this.lastEventId ? { lastEventId: this.lastEventId } : { since: this.since };
  }

  #gap(event, onGap) {
    this.gaps++;
    onGap(JSON.parse(event.data), event);
  }

  #drop() {
    this.#source?.close();
    this.#source = null;
    this.#attempt++; // a ticket that is on its way comes too late
    openStreams.delete(this);
  }

  #fail(problem) {
    this.problem = problem;
    this.#become('failed');
  }

  #become(state) {
    this.state = state;
    this.#onChange(this);
    wire.dispatchEvent(new Event('change'));
  }
}
