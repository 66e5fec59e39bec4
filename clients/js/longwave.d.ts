/** An event, as {@link Longwave} dispatches it. */
export interface LongwaveEvent extends MessageEvent<string> {
  /** The topic that the event was published to. */
  readonly topic: string;
  /** `base64` if `data` is binary. */
  readonly encoding?: 'base64';
}

/** The data of a `gap`, as JSON: events are missing. */
export interface Gap {
  /** The topic, or the pattern. */
  readonly topic: string;
  readonly reason: 'expired' | 'epoch-changed' | 'log-lost' | 'deleted' | 'no-history' | 'skipped' | (string & {});
  readonly after: string | null;
  readonly before: string;
}

export interface LongwaveErrorEvent extends Event {
  /** What is wrong, in words. */
  readonly reason: string;
}

export interface LongwaveOptions {
  /** The URL of the server, with a slash at the end; by default that of the page's origin. */
  base?: string;
  /** Whether cookies are sent to another origin. */
  withCredentials?: boolean;
  /**
   * Fetches a ticket for some topics. Called for each request, as a ticket is good for one. If it rejects with an error
   * whose `topic` is one of them, that topic is removed; after any other error, it is called again later. It is waited for
   * at most 45 seconds.
   */
  ticket?: (topics: string[]) => Promise<string>;
  /** Where the first topics begin: `earliest`, `last`, a duration, a timestamp, or an event ID; by default now. */
  since?: string;
}

export interface LongwaveEventMap {
  message: LongwaveEvent;
  gap: LongwaveEvent;
  open: Event;
  error: LongwaveErrorEvent;
  /** Any event, also of types that are not known beforehand. */
  '*': Event & { readonly event?: LongwaveEvent };
}

/** Events of some topics, like an `EventSource`, of which all tabs of an origin share one. */
export declare class Longwave extends EventTarget implements AsyncIterable<LongwaveEvent> {
  constructor(topics: string | readonly string[], options?: LongwaveOptions);
  /** 0 while it connects or a topic is new, 1 while it is open, 2 once it is closed for good. */
  readonly readyState: 0 | 1 | 2;
  readonly topics: string[];
  onmessage?: ((event: LongwaveEvent) => void) | null;
  ongap?: ((event: LongwaveEvent) => void) | null;
  onopen?: ((event: Event) => void) | null;
  onerror?: ((event: LongwaveErrorEvent) => void) | null;
  /** Adds topics. `open` is dispatched once all of them have begun. */
  add(...topics: string[]): void;
  remove(...topics: string[]): void;
  close(): void;
  addEventListener<T extends keyof LongwaveEventMap>(
    type: T,
    listener: (event: LongwaveEventMap[T]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: (event: LongwaveEvent) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** Events of all types from now on. Fails if more than 10,000 of them wait to be read. */
  [Symbol.asyncIterator](): AsyncIterator<LongwaveEvent>;
}
