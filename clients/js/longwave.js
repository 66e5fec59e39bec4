// Longwave in the browser: one stream for all tabs of an origin. See docs/browser.md.

const MUTE = 4000; // ms until a stream that has sent nothing counts as held back by a proxy
const SILENCE = 45000; // ms without a heartbeat, which comes every 15 s, until a connection counts as lost
const lines = new Map(); // by base URL and credentials

const sleep = (ms, signal) => new Promise(resolve => {
  setTimeout(resolve, ms);
  signal.addEventListener('abort', resolve);
});

function matches(pattern, topic) {
  const wanted = pattern.split('/');
  const given = topic.split('/');
  const rest = wanted.at(-1) === '**';
  return (rest ? given.length >= wanted.length : given.length === wanted.length)
    && wanted.every((segment, i) => segment === '*' || segment === given[i] || (rest && i === wanted.length - 1));
}

// An ID says how far a stream has come in each topic: `hash.position,hash.position`.
function merged(id, other) {
  const parts = (id + ',' + other).replace(/~.*/, '').split(',').filter(Boolean);
  return [...new Map(parts.map(part => [part.split('.')[0], part])).values()].join(',');
}

/** What the tabs of one origin share: the leader among them has the stream, and tells the others. */
class Line {
  members = new Set();
  state = 0;
  #wants = new Map(); // topics by tab; for the leader
  #id = '';
  #tab = crypto.randomUUID();
  #polling = false;
  #retry = 2000;
  #open = ''; // the topics of the stream that is open

  constructor(base, options) {
    this.base = base;
    this.options = options;
    this.name = `longwave:${base}:${options.credentials}`;
    addEventListener('online', () => this.#restart());
    addEventListener('pagehide', () => this.#stop());
    addEventListener('pageshow', event => event.persisted && this.#comeBack());
    // A frozen tab cannot tell the others anything. What they tell it waits until it is thawed.
    document.addEventListener('freeze', () => this.resign && (this.#drop(), this.#candidate()));
    this.#start();
  }

  #start() {
    this.stopped = new AbortController();
    if (navigator.locks) {
      this.channel = new BroadcastChannel(this.name);
      this.channel.onmessage = ({ data }) => this.#hear(data);
      // While a tab holds the lock of its name, it is there.
      navigator.locks.request(`${this.name}:${this.#tab}`, () => this.#until(this.stopped.signal));
      this.#candidate();
      this.want();
    } else { // only pages that came over HTTPS, or from this machine, can find each other
      this.#lead();
    }
  }

  #candidate() {
    this.#lock(this.name, () => {
      const leadership = new AbortController();
      this.resign = () => leadership.abort();
      this.stopped.signal.addEventListener('abort', this.resign);
      this.#lead();
      return this.#until(leadership.signal);
    });
  }

  #until(signal) {
    return new Promise(resolve => signal.addEventListener('abort', resolve));
  }

  #lock(name, then) {
    navigator.locks.request(name, { signal: this.stopped.signal }, then).catch(() => {}); // stopped
  }

  #drop() {
    this.running?.abort();
    this.leading = false;
    this.#open = '';
    this.#wants.clear();
    this.resign?.();
    this.resign = null;
  }

  #stop() {
    this.#drop();
    this.stopped.abort();
    this.channel?.close();
  }

  /** The page was left, and is shown again as it was: what the others were told meanwhile is missing. */
  #comeBack() {
    this.#start();
    this.members.forEach(member => member.topics.forEach(topic => member.tell(
      { event: 'gap', data: JSON.stringify({ topic, reason: 'page-restored', after: null, before: null }) })));
  }

  #lead() {
    this.leading = true;
    this.#say({ who: true });
    this.want();
  }

  /** Tells the leader what this tab wants to hear. */
  want() {
    this.#say({ tab: this.#tab, topics: [...this.members].flatMap(member => [...member.topics]), id: this.#id });
  }

  #say(message) {
    this.channel?.postMessage(message);
    this.#hear(message);
  }

  #hear({ who, tab, topics, id, event, state, why }) {
    if (who && !this.leading) this.want();
    if (tab && this.leading) this.#wanted(tab, topics);
    if (id) this.#id = merged(this.#id, id);
    if (event) this.members.forEach(member => member.tell(event));
    if (state !== undefined) {
      this.state = state;
      this.members.forEach(member => member.become(state, why));
    }
  }

  #wanted(tab, topics) {
    if (!this.#wants.has(tab) && tab !== this.#tab) {
      this.#lock(`${this.name}:${tab}`, () => { // it is free once the tab is gone
        this.#wants.delete(tab);
        this.#update();
      });
    }
    this.#wants.set(tab, topics);
    this.#update();
  }

  #update() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const topics = [...new Set([...this.#wants.values()].flat())].sort();
      if (topics.join('\n') === this.#open || !this.leading) return;
      this.#open = topics.join('\n');
      this.#restart(topics);
    }, 20);
  }

  #restart(topics = this.#open.split('\n').filter(Boolean)) {
    this.running?.abort();
    if (!this.leading || topics.length === 0) return;
    this.running = new AbortController();
    this.#run(topics, AbortSignal.any([this.running.signal, this.stopped.signal]));
  }

  async #run(topics, signal) {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const ended = await (this.#polling ? this.#poll(topics, signal) : this.#stream(topics, signal));
        if (ended) return;
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (error.fatal) {
          this.#say({ state: 2, why: error.message });
          return;
        }
        this.#say({ state: 0, why: error.message });
      }
      await sleep(this.#retry * Math.min(2 ** failures, 15) * (0.5 + Math.random()), signal);
    }
  }

  async #fetch(path, topics, signal) {
    const query = new URLSearchParams(topics.map(topic => ['topic', topic]));
    const { ticket, credentials } = this.options;
    if (this.#id) query.set('lastEventId', this.#id);
    if (ticket) query.set('ticket', await ticket());
    const response = await fetch(`${this.base}${path}?${query}`, { credentials, signal });
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    if (problem.type?.endsWith(':event-id-foreign')) this.#id = ''; // none of its topics is left
    const error = new Error(problem.detail ?? `HTTP status ${response.status}`);
    error.fatal = response.status < 500 && ![400, 408, 429].includes(response.status);
    throw error;
  }

  async #stream(topics, signal) {
    const own = new AbortController();
    let timer = setTimeout(() => own.abort(), MUTE);
    let heard = false;
    try {
      const response = await this.#fetch('events', topics, AbortSignal.any([signal, own.signal]));
      if (response.status === 204) return this.#ended();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      let block = {};
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        clearTimeout(timer);
        timer = setTimeout(() => own.abort(), SILENCE);
        if (!heard) this.#say({ state: 1 });
        heard = true;
        const found = (text + part.value).split('\n');
        text = found.pop();
        for (const line of found) block = this.#line(line.replace(/\r$/, ''), block);
      }
    } catch (error) {
      if (own.signal.aborted && !heard) {
        this.#polling = true;
        throw new Error('nothing of the stream arrived: a proxy holds it back. Polling instead');
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #line(line, block) {
    if (line === '') {
      if (block.data !== undefined) this.#say({ event: block, id: block.id });
      else if (block.id) this.#say({ id: block.id });
      return {};
    }
    const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (name === 'data') block.data = block.data === undefined ? value : `${block.data}\n${value}`;
    else if (name === 'retry') this.#retry = +value || this.#retry;
    else block[name] = value;
    return block;
  }

  async #poll(topics, signal) {
    const response = await this.#fetch('poll', topics, signal);
    if (response.status === 204) return this.#ended();
    this.#tellAll(await response.json(), event => this.#say({ event, id: event.id }));
    this.#say({ state: 1 });
    return !signal.aborted && this.#poll(topics, signal);
  }

  #tellAll({ events, next }, tell) {
    for (const { type, gap, ...event } of events) {
      const data = gap ? JSON.stringify({ topic: event.topic, reason: gap, ...event }) : event.data;
      tell({ ...event, data, event: gap ? 'gap' : type });
    }
    this.#say({ id: next });
  }

  /** Tells one member what came before; the stream then goes on where that ends. */
  async past(member, topics, since) {
    for (let page, after = ''; !page || page.events.length > 0;) {
      const start = after ? { after } : { since };
      const query = new URLSearchParams([...topics.map(topic => ['topic', topic]), ...Object.entries(start), ['wait', '1']]);
      const response = await fetch(`${this.base}poll?${query}`, { credentials: this.options.credentials });
      if (response.status !== 200) return;
      page = await response.json();
      after = page.next;
      this.#tellAll(page, event => member.tell(event));
    }
  }

  #ended() {
    this.#say({ state: 2, why: 'all topics have ended' });
    return true;
  }
}

/**
 * Events of some topics, like an EventSource for all tabs. Events without a type are dispatched as `message`; each is a
 * MessageEvent with `data`, `lastEventId`, and `topic`. A `gap` says that events are missing. See docs/browser.md.
 */
export class Longwave extends EventTarget {
  readyState = 0;
  topics = new Set();
  #iterators = new Set();

  constructor(topics, { base = '/', withCredentials = false, ticket, since } = {}) {
    super();
    const credentials = withCredentials ? 'include' : 'same-origin';
    const url = new URL(base, globalThis.location.href).href;
    const key = `${url} ${credentials}`;
    if (!lines.has(key)) lines.set(key, new Line(url, { credentials, ticket }));
    this.line = lines.get(key);
    this.line.members.add(this);
    this.add(...[topics].flat());
    if (since) this.line.past(this, [topics].flat(), since);
    if (this.line.state) queueMicrotask(() => this.become(this.line.state));
  }

  add(...topics) {
    topics.forEach(topic => this.topics.add(topic));
    this.line.want();
  }

  remove(...topics) {
    topics.forEach(topic => this.topics.delete(topic));
    this.line.want();
  }

  close() {
    this.line.members.delete(this);
    this.line.want();
    this.become(2);
  }

  /** For its line. */
  tell({ event: type = 'message', data, id = '', topic, encoding }) {
    const of = topic ?? (type === 'gap' ? JSON.parse(data).topic : [...this.topics][0]);
    if (![...this.topics].some(wanted => wanted === of || matches(wanted, of))) return;
    const event = Object.assign(new MessageEvent(type, { data, lastEventId: id }), { topic: of, encoding });
    this.#dispatch(event);
    this.#iterators.forEach(push => push(event));
  }

  /** For its line. */
  become(state, why) {
    const changed = state !== this.readyState;
    this.readyState = state;
    if (state === 1 && changed) this.#dispatch(new Event('open'));
    if (state !== 1) this.#dispatch(Object.assign(new Event('error'), { reason: why }));
    if (state === 2) this.#iterators.forEach(push => push());
  }

  #dispatch(event) {
    this['on' + event.type]?.(event);
    this.dispatchEvent(event);
  }

  async *[Symbol.asyncIterator]() {
    const queue = [];
    let wake = () => {};
    const push = event => {
      queue.push(event);
      wake();
    };
    this.#iterators.add(push);
    try {
      for (;;) {
        if (queue.length === 0 && this.readyState === 2) return;
        if (queue.length === 0) await new Promise(resolve => { wake = resolve; });
        const event = queue.shift();
        if (!event) return;
        yield event;
      }
    } finally {
      this.#iterators.delete(push);
    }
  }
}
