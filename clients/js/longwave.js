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
 * nothing, and its event is asked for: after the participant's position or, if it has none, from the topic's last event.
 *
 * Where topics end. A refused topic is dropped by all. A topic that has ended (204) is over for a participant only once it
 * stands where the leader's stream stands, which the leader says with it; one that stands elsewhere, or nowhere, asks the
 * server first. If that fails, it keeps the topic: the leader's stream is tried again, with growing pauses, and ends
 * again, until each participant has all of it.
 *
 * Why nothing waits, spins, or grows without end. Each request has a deadline, and so has the ticket for it; after each
 * that fails, and after a poll that brings nothing at once, there is a pause. A refused topic leaves the leader's plan
 * before the stream begins again, also if a participant has not heard of it yet.
 *
 * Who takes part. Each participant holds a lock of its own; once the leader gets that lock, the participant is gone. A
 * page that is frozen or left gives back its locks, and joins anew when it continues. A browser may also suspend a page
 * without a word, with its locks: a leader that is silent for long loses the lock to another.
 */

const MUTE = 4000; // ms without the first bytes of a stream, until a proxy counts as holding it back
const SILENCE = 45000; // ms without a heartbeat, which comes every 15 s, until a connection counts as lost
const POLL_FOR = 600000; // ms until the stream is tried again
const RETRY = 2000; // ms, unless the stream says otherwise
const MAX_TOPICS = 32; // of one stream
const MAX_NAME = 47; // characters of an encoded topic in a full stream, on average: with a ticket, its URL has some 6,000
const MAX_WAITING = 1000; // messages of the leader, which can be forgotten: the server has their events
const MAX_UNREAD = 10000; // events of an iterator

const aborted = signal => new Promise(resolve => {
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve());
});
/** Leaves nothing behind on `signal`, which may be of a long life. */
const pause = (millis, signal) => aborted(AbortSignal.any([signal, AbortSignal.timeout(millis)]));

// A position is `key.epoch-major[-minor][_stamp]`, with numbers in base 36. The stamp is no part of the place.
const place = position => (position || '').split('_')[0];
const isSame = (position, other) => place(position) === place(other);
const isUpTo = (position, other) => {
  const [parts, others] = [position, other].map(at => place(at).split('-').map(part => part.padStart(13, '0')));
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

  /**
   * An event and its places. `name` is what was asked for: the pattern that it came through, or its topic. `at` is empty
   * if the ID does not say it.
   */
  const item = block => {
    const name = block.pattern ?? block.topic;
    const after = positions.get(name);
    return { ...block, name, after, at: block.id && (move(block.id) ? positions.get(name) : '') };
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
  let retry = RETRY;
  let pollUntil = 0;

  /** Reads one response: a stream, as long as it lasts, or a poll, and then returns how many events there were. */
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
      limit(SILENCE); // for the ticket
      const response = await get(polls ? 'poll' : 'events', positions, AbortSignal.any([stopped, own.signal]),
        !polls && { details: true, heartbeat: 'id' }, () => limit(polls ? SILENCE : MUTE));
      if (polls) {
        const items = page(await response.json());
        stopped.throwIfAborted();
        pollUntil = polls;
        open.add(positions);
        say({ items, positions });
        return items.length;
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
            retry = block.retry ?? retry; // no empty line need follow: it may be the server's last
            continue;
          }
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
    let failures = 0;
    while (!stopped.aborted) {
      let wait = Date.now() + +retry; // ms
      try {
        if (await connect(positions, stopped)) continue;
        wait -= Date.now(); // a poll that brought nothing, perhaps at once, as the server stops
      } catch ({ message, topic, over, retryAfter }) {
        if (stopped.aborted) return;
        if (open.delete(positions)) failures = 0;
        if (positions.has(topic)) over = [topic]; // else all that were asked for, or none
        const why = (pollUntil ? 'polling, as a proxy holds the stream back: ' : '') + message;
        say({ over, why, positions: over && !over.length ? positions : undefined });
        if (over?.length) {
          [positions, ...wants.values()].forEach(at => over.forEach(name => at.delete(name)));
          planned = '';
          return serve();
        }
        wait = Math.max(retryAfter * 1000 || 0, retry * Math.min(2 ** failures++, 8) * (0.5 + Math.random()));
      }
      await pause(Math.max(wait, 0), stopped);
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
      let room = 0;
      for (const start of starts) {
        const length = Math.max(MAX_NAME, encodeURIComponent(start[0]).length);
        room -= length;
        if (room < 0) {
          streams.push(new Map());
          room = MAX_TOPICS * MAX_NAME - length;
        }
        streams.at(-1).set(...start);
      }
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
    if (ticket) {
      const own = await Promise.race([ticket(names), aborted(signal)]).catch(e => { // good for one request
        if (e) throw e; // the page's function may throw anything
      });
      if (!own) throw Error('no ticket');
      query.set('ticket', own);
    }
    sent?.();
    const response = await fetch(base + path + '?' + query, { credentials, cache: 'no-store', signal });
    const { status } = response;
    if (status === 200) return response;
    const { detail = 'HTTP ' + status, topic, retryAfter } = await response.json().catch(() => ({}));
    throw Object.assign(Error(status === 204 ? 'the topics ended' : detail), {
      topic,
      retryAfter,
      over: status === 204 ? [] : [400, 403, 404, ticket || 401].includes(status) ? names : undefined,
    });
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
      if (signal.aborted) return;
      become(live, 0, message);
      if (!over) await pause(RETRY, signal); // the next event may ask again
    }
  };

  const handleItem = async item => {
    const { name, event, after, at } = item;
    const topic = topics.get(name);
    if (!topic) return;
    const gap = event === 'gap';
    if (at === undefined || (at === after && !gap)) { // ephemeral
      handOn(item);
    } else if (topic.at ? isSame(topic.at, after) : at && !topic.since) {
      topic.at = at;
      handOn(item);
    } else if (!topic.at || !(gap ? isSame : isUpTo)(at, topic.at)) {
      topic.since ||= 'last'; // for an event at an unknown place
      await fill(name, at);
    }
  };

  const handle = async ({ items = [], positions = [], over, why }) => {
    const drop = name => {
      if (topics.delete(name) && !topics.size) live.close(why);
    };
    /** The leader's stream stands there. */
    const compare = async ([name, at]) => {
      const topic = topics.get(name);
      if (!topic) return;
      if (over) topic.since ||= 'last'; // or it would not have the event that ended it
      if (topic.at ? !isSame(topic.at, at) : topic.since) await fill(name, at);
      topic.at ||= !topic.since && at;
      if (over && isSame(topic.at, at)) drop(name);
    };
    for (const item of items) await handleItem(item);
    await Promise.all([...positions].map(compare));
    over?.forEach(drop);
    if (presence.signal.aborted) return;
    if (why) {
      become(live, 0, why);
      want();
    } else if (!live.readyState && [...topics.values()].every(({ at }) => at)) {
      become(live, 1);
    }
  };

  const hear = message => {
    if (message.wants) leader?.wanted(message.id, message.wants);
    else if (message.ask) want();
    else if (message.why || waiting < MAX_WAITING) {
      waiting++;
      handled = handled.then(() => handle(message)).catch(reportError).then(() => waiting--);
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
    let unread = [];
    let wake;
    const push = ({ event }) => {
      if (event && unread?.push(event) > MAX_UNREAD) unread = undefined;
      wake?.();
    };
    this.addEventListener('*', push);
    try {
      while (!unread || unread.length || this.readyState < 2) {
        if (!unread) throw Error('too many unread events');
        if (unread.length) yield unread.shift();
        else await new Promise(resolve => { wake = resolve; });
      }
    } finally {
      this.removeEventListener('*', push);
    }
  }
}
