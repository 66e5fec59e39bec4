/** An event, as {@link Longwave} dispatches it. */
export interface LongwaveEvent extends MessageEvent<string> {
  /** The topic that the event was published to. */
  readonly topic: string;
  /** `base64` if `data` is binary. */
  readonly encoding?: string;
}

/** The data of a `gap`, as JSON: events are missing. */
export interface Gap {
  readonly topic: string;
  /** Why: see docs/http.md; and `page-restored` for a page that was left and is shown again. */
  readonly reason: string;
  readonly after: string | null;
  readonly before: string | null;
}

export interface LongwaveOptions {
  /** The URL of the server, with a slash at the end; `/` by default. */
  base?: string;
  /** Whether cookies are sent to another origin. */
  withCredentials?: boolean;
  /** Fetches a ticket, anew for each connection. */
  ticket?: () => Promise<string>;
  /** Where to begin: `earliest`, `last`, a duration, or an event ID; live by default. */
  since?: string;
}

/** Events of some topics, like an `EventSource`, of which all tabs of an origin share one. */
export declare class Longwave extends EventTarget implements AsyncIterable<LongwaveEvent> {
  constructor(topics: string | string[], options?: LongwaveOptions);
  /** 0 while it connects, 1 while it is open, 2 once it is closed. */
  readonly readyState: 0 | 1 | 2;
  readonly topics: Set<string>;
  onmessage?: (event: LongwaveEvent) => void;
  ongap?: (event: LongwaveEvent) => void;
  onopen?: (event: Event) => void;
  /** `reason` says in words what is wrong. */
  onerror?: (event: Event & { reason?: string }) => void;
  add(...topics: string[]): void;
  remove(...topics: string[]): void;
  close(): void;
  [Symbol.asyncIterator](): AsyncIterator<LongwaveEvent>;
}
