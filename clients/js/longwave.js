// Longwave in the browser: one stream for all tabs of an origin. See docs/browser.md.
/*
 * Each Longwave object takes part on its own. The participants of one origin, server, and kind of credentials share a
 * BroadcastChannel, and the one of them that holds a Web Lock is the leader. It has the stream, of all topics that any
 * of them wants, and says on the channel what arrives.
 *
 * Why there is no hole and no repeat. An event ID has a position for each topic of its stream, in the order of the
 * request. With each event of a topic, the leader says the topic's position before it (`after`) and with it (`at`). A
 * participant keeps, for each of its topics, the position of what it handed to the application last. It hands on
 *
 *   1. an event of the leader whose `after` is that position: nothing was between the two on the leader's stream, so
 *      the event comes directly after what the participant handed on last;
 *   2. what `GET /poll` says comes after that position: events in their order, or a gap that says what is missing;
 *
 * and either moves the position. An event of the leader that does not fit is at or before the position, and dropped as
 * known; or something before it is missing, and the participant asks the server (2). So what is handed on is a chain
 * without a missing link, and it does not matter who leads, how often that changes, where a stream begins again, or
 * what the channel loses, repeats, or brings late. What a participant hears is handled strictly in turn, so that no two
 * events move the same position.
 *
 * Why nothing is missing at the end. The leader says where its stream stands (`positions`) when it opens, with each
 * heartbeat, and whenever someone joins, continues, or wants other topics. A participant that stands elsewhere asks the
 * server. Positions have an order only within an epoch. In a log that was put back from a copy, other events have the
 * old places and may be dropped as known; but then the stream stands behind the participant, and the server, which knows
 * by the stamp in the position that it is of the old log, answers with a gap.
 *
 * Where topics begin. A topic that is new to a participant begins where the leader's stream stands, or where `since`
 * says. A stream begins where the last one stood or, under a new leader, where some participant stands; which one does not
 * matter, as the others drop what they have and ask for what they lack. An event without a position is ephemeral, and
 * handed on at once. An ID that lacks topics (one of them begins at its end, and its last event is yet to come) says
 * nothing, and its event is asked for later.
 *
 * Who takes part. Each participant holds a lock of its own; once the leader gets that lock, the participant is gone. A
 * page that is frozen or left gives back its locks, and joins anew when it continues. A browser may also suspend a page
 * without a word, with its locks: a leader that is silent for long loses the lock to another.
 */

const MUTE = 4000; // ms without the first bytes of a stream, until a proxy counts as holding it back
const SILENCE = 45000; // ms without a heartbeat, which comes every 15 s, until a connection counts as lost
const POLL_FOR = 600000; // ms until the stream is tried again
const MAX_TOPICS = 32; // of one stream
const MAX_WAITING = 1000; // messages of the leader, which can be forgotten: the server has their events
const MAX_UNREAD = 10000; // events of an iterator

const aborted = signal => new Promise(resolve => {
  if (signal.aborted) resolve();
  signal.addEventListener('abort', resolve);
});

// A position is `key.epoch-major[-minor][_stamp]`, with numbers in base 36. The stamp is no part of the place.
const place = position => position?.split('_')[0];
const isSame = (position, other) => place(position) === place(other);
const isUpTo = (position, other) => {
  const [parts, others] = [position, other].map(at => `${place(at)}`.split('-').map(part => part.padStart(13, '0')));
  return parts[0] === others[0] && parts.join() <= others.join();
};

const eventId = positions => positions.filter(at => at).join();

const dispatch = (live, type, members) => live.dispatchEvent(Object.assign(new Event(type), members));

const become = (live, state, reason) => {
  live.readyState = state;
  if (state === 1) dispatch(live, 'open');
  if (reason) dispatch(live, 'error', { reason });
};

/** Reads what a response says of the topics of `positions`, and keeps them up to date. */
const read = positions => {
  /** Whether the ID is of all topics, and so has them in their order. */
  const move = (id = '') => {
    const found = id.split('~')[0].split(','); // without the proof that belongs to a ticket
    if (found.length < positions.size) return false;
    [...positions.keys()].forEach((topic, i) => positions.set(topic, found[i]));
    return true;
  };

  /** An event and its places. `name` is what was asked for: the pattern that it came through, or its topic. */
  const item = block => {
    const name = block.pattern ?? block.topic;
    const after = positions.get(name);
    return (!block.id || move(block.id)) && { ...block, name, after, at: block.id && positions.get(name) };
  };

  const page = ({ events, next }) => {
    const items = events.map(event => item(event.gap
      ? { ...event, event: 'gap', data: JSON.stringify({ ...event, reason: event.gap }) }
      : event));
    move(next);
    return items;
  };

  return { move, item, page };
};

/** Has the stream for all, until `signal`: `get` sends a request, and `say` tells them. */
const lead = (get, say, lock, signal) => {
  const wants = new Map(); // by participant: its positions by topic
  const open = new Set(); // the streams that are open
  let streams = []; // positions by topic
  let planned; // topics
  let running = new AbortController();
  let timer;
  let retry = 2000;
  let pollUntil = 0;

  /** Reads one response: a stream, as long as it lasts, or what a poll brings. */
  const connect = async (positions, stopped) => {
    const polls = Date.now() < pollUntil && pollUntil;
    pollUntil = 0; // the stream is tried again if this fails
    const own = new AbortController();
    const { move, item, page } = read(positions);
    let timeout;
    const limit = millis => {
      clearTimeout(timeout);
      timeout = setTimeout(() => {
        if (millis === MUTE) pollUntil = Date.now() + POLL_FOR;
        own.abort(Error('silence'));
      }, millis);
    };
    try {
      const response = await get(polls ? 'poll' : 'events', positions, AbortSignal.any([stopped, own.signal]),
        !polls && { details: true, heartbeat: 'id' }, () => limit(polls ? SILENCE : MUTE));
      if (polls) {
        const found = await response.json();
        stopped.throwIfAborted();
        pollUntil = polls;
        open.add(positions);
        return say({ items: page(found), positions });
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      let block = {};
      for (;;) {
        const { done, value } = await reader.read();
        stopped.throwIfAborted();
        if (done) throw Error('the connection ended');
        limit(SILENCE);
        const lines = (text + value).split('\n');
        text = lines.pop();
        const message = { items: [] };
        for (const line of lines) {
          if (line) {
            const [, name, field] = /^(\w*):? ?(.*)/s.exec(line);
            block[name] = name in block ? block[name] + '\n' + field : field; // as of `data`
            continue;
          }
          retry = block.retry ?? retry;
          if ('data' in block) {
            message.items.push(item(block));
          } else if (block.id) {
            move(block.id);
            open.add(positions);
            message.positions = positions;
          }
          block = {};
        }
        say(message);
      }
    } finally {
      clearTimeout(timeout);
      own.abort();
    }
  };

  const run = async (positions, stopped) => {
    for (let failures = 0; ; failures++) {
      try {
        for (;;) await connect(positions, stopped);
      } catch ({ message, over }) {
        if (stopped.aborted) return;
        if (open.delete(positions)) failures = 0;
        say({ over, why: pollUntil ? 'polling, as a proxy holds the stream back: ' + message : message });
        if (over) {
          positions.clear(); // a participant that wants them again, or still, says where it stands
          planned = '';
          return;
        }
      }
      const wait = retry * Math.min(2 ** failures, 8) * (0.5 + Math.random());
      await Promise.race([aborted(stopped), new Promise(resolve => setTimeout(resolve, wait))]);
    }
  };

  const restart = () => {
    running.abort();
    running = new AbortController();
    open.clear();
    streams.forEach(positions => run(positions, AbortSignal.any([signal, running.signal])));
  };

  const serve = () => {
    timer ??= setTimeout(() => { // several may say something at the same time
      timer = undefined;
      if (signal.aborted) return;
      const told = [...wants.values()];
      const topics = [...new Set(told.flatMap(at => [...at.keys()]))];
      const plan = topics.sort().join('\n');
      if (plan === planned) {
        open.forEach(positions => say({ positions }));
        return;
      }
      planned = plan;
      const starts = topics.map(topic => [topic, [...streams, ...told].map(at => at.get(topic)).find(at => at)]);
      streams = [];
      while (starts.length) streams.push(new Map(starts.splice(0, MAX_TOPICS)));
      restart();
    }, 20);
  };

  return {
    wanted(id, at) {
      if (!wants.has(id)) {
        lock(id, { signal }, () => { // once it is gone
          wants.delete(id);
          serve();
        });
      }
      wants.set(id, at);
      serve();
    },
    online() {
      pollUntil = 0;
      restart();
    },
  };
};

/** Takes part for `live` until `closed`. `topics` are what it wants: to { at, since }; `at` is the position. */
const participate = (live, topics, { base = location.origin + '/', withCredentials, ticket }, closed) => {
  const credentials = withCredentials ? 'include' : 'same-origin';
  let presence; // until it leaves
  let channel;
  let participant;
  let leader; // if it is that itself
  let watchdog;
  let handled = Promise.resolve();
  let waiting = 0;

  const get = async (path, positions, signal, more, sent) => {
    const names = [...positions.keys()];
    const query = new URLSearchParams({ lastEventId: eventId([...positions.values()]), ...more });
    names.forEach(name => query.append('topic', name));
    if (ticket) query.set('ticket', await ticket(names)); // good for one request
    sent?.();
    const response = await fetch(base + path + '?' + query, { credentials, cache: 'no-store', signal });
    const { status } = response;
    if (status === 200) return response;
    const { detail = 'HTTP ' + status, topic } = await response.json().catch(() => ({}));
    const error = Error(status === 204 ? 'the topics ended' : detail);
    if (status < 500 && ![408, 429, ticket && 401].includes(status)) error.over = topic ? [topic] : names;
    throw error;
  };

  const handOn = ({ event = 'message', type = event, data, topic, encoding }) => {
    const lastEventId = eventId([...topics.values()].map(({ at }) => at));
    const told = Object.assign(new MessageEvent(type, { data, lastEventId }), { topic, encoding });
    live.dispatchEvent(told);
    dispatch(live, '*', { event: told });
  };

  /** Asks the server what comes next, until that reaches `goal` or there is no more. If it fails, the hole remains. */
  const fill = async (name, goal) => {
    const topic = topics.get(name);
    const { signal } = presence;
    try {
      for (let more = true; more;) {
        const positions = new Map([[name, topic.at]]);
        const response = await get('poll', positions, AbortSignal.any([signal, AbortSignal.timeout(SILENCE)]),
          { since: topic.since ?? '', wait: 1 });
        const items = read(positions).page(await response.json());
        for (const item of items) {
          if (topic !== topics.get(name)) return; // removed, perhaps at the last event
          topic.at = item.at || topic.at;
          handOn(item);
        }
        topic.at = positions.get(name);
        more = items.length && !isUpTo(goal, topic.at);
      }
    } catch ({ message, over }) {
      if (over) topic.since = ''; // it makes no sense, or is an ID of other topics
      if (!signal.aborted) become(live, 0, message);
    }
  };

  const handleItem = async item => {
    const { name, event, after, at } = item;
    const topic = topics.get(name);
    if (!topic) return;
    const gap = event === 'gap';
    if (!at || (at === after && !gap)) { // ephemeral
      handOn(item);
    } else if (topic.at ? isSame(topic.at, after) : !topic.since) {
      topic.at = at;
      handOn(item);
    } else if (!topic.at || !(gap ? isSame : isUpTo)(at, topic.at)) {
      await fill(name, at);
    }
  };

  /** The leader's stream stands there. */
  const compare = async ([name, at]) => {
    const topic = topics.get(name);
    if (!topic) return;
    if (topic.at ? !isSame(topic.at, at) : topic.since) await fill(name, at);
    topic.at ||= !topic.since && at;
  };

  const handle = async ({ items = [], positions = [], over, why }) => {
    for (const item of items) await handleItem(item);
    await Promise.all([...positions].map(compare));
    if (presence.signal.aborted) return;
    const lost = over?.filter(topic => topics.delete(topic)).length;
    if (lost && !topics.size) {
      live.close(why);
    } else if (why) {
      become(live, 0, why);
      want();
    } else if (!live.readyState && [...topics.values()].every(({ at }) => at)) {
      become(live, 1);
    }
  };

  const hear = message => {
    if (message.wants) leader?.wanted(message.id, message.wants);
    else if (message.ask) want();
    else if (!message.items || waiting < MAX_WAITING) {
      waiting++;
      handled = handled.then(() => handle(message)).then(() => waiting--);
    }
  };

  const say = message => {
    channel?.postMessage(message);
    hear(structuredClone(message));
  };

  /** Tells the leader which topics it wants, and where it stands in them. */
  const want = () => say({ id: participant, wants: new Map([...topics].map(([topic, { at }]) => [topic, at])) });

  const start = (signal, lock) => {
    leader = lead(get, say, lock, signal);
    signal.addEventListener('abort', () => { leader = undefined; });
    say({ ask: true });
  };

  const leave = () => {
    presence.abort();
    clearTimeout(watchdog);
    channel?.close();
    channel = undefined;
  };

  const join = () => {
    if (presence && !presence.signal.aborted) return;
    presence = new AbortController();
    const { signal } = presence;
    if (!navigator.locks) { // only pages that came over HTTPS, or from this machine, can find each other
      start(signal, () => {});
      return;
    }
    const name = `longwave ${base} ${credentials} `;
    const lock = (suffix, options, then) => navigator.locks.request(name + suffix, options, then).catch(() => {});
    const stand = async options => {
      const term = new AbortController();
      await lock('', options, () => {
        if (!signal.aborted) start(AbortSignal.any([signal, term.signal]), lock);
        return aborted(signal);
      });
      term.abort(); // robbed, or left
      if (!signal.aborted) stand({ signal });
    };
    const watch = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => leader || stand({ steal: true }), SILENCE * (2 + Math.random()));
    };
    participant = Math.random();
    channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => {
      hear(data);
      watch();
    };
    watch();
    lock(participant, { signal }, () => {
      want();
      return aborted(signal);
    });
    stand({ signal });
  };

  const on = (target, type, then) => target.addEventListener(type, then, { signal: closed });
  on(window, 'online', () => leader?.online());
  on(window, 'pagehide', leave);
  on(document, 'freeze', leave);
  on(window, 'pageshow', join);
  on(document, 'resume', join);
  closed.addEventListener('abort', leave);
  join();
  return want;
};

/**
 * Events of some topics, like an EventSource for all tabs. Events without a type are dispatched as `message`; each is a
 * MessageEvent with `data`, `lastEventId`, and `topic`. A `gap` says that events are missing. See docs/browser.md.
 */
export class Longwave extends EventTarget {
  readyState = 0;
  #topics = new Map();
  #closed = new AbortController();
  #want;

  constructor(topics, options = {}) {
    super();
    for (const type of ['open', 'message', 'gap', 'error']) {
      this.addEventListener(type, event => this['on' + type]?.(event));
    }
    for (const topic of [topics].flat()) this.#topics.set(topic, { since: options.since });
    this.#want = participate(this, this.#topics, options, this.#closed.signal);
  }

  get topics() {
    return [...this.#topics.keys()];
  }

  add(...topics) {
    for (const topic of topics) if (!this.#topics.has(topic)) this.#topics.set(topic, {});
    this.readyState &= 2; // 0, if it was open: until it is known where the topics begin
    this.#want();
  }

  remove(...topics) {
    topics.forEach(topic => this.#topics.delete(topic));
    this.#want();
  }

  close(why) {
    if (this.readyState > 1) return;
    this.#topics.clear();
    this.#closed.abort();
    become(this, 2, why);
    dispatch(this, '*'); // wakes iterators
  }

  async *[Symbol.asyncIterator]() {
    const unread = [];
    let wake;
    const push = ({ event }) => {
      if (event) unread.push(event);
      wake?.();
    };
    this.addEventListener('*', push);
    try {
      while (unread.length || this.readyState < 2) {
        if (unread.length > MAX_UNREAD) throw Error('too many unread events');
        if (unread.length) yield unread.shift();
        else await new Promise(resolve => { wake = resolve; });
      }
    } finally {
      this.removeEventListener('*', push);
    }
  }
}
