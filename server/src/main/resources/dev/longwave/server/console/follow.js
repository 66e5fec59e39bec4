// Jobs and answers are announced on a shared topic, and each has a stream of its own. Browsers allow few
// connections over HTTP/1.1, so only some are followed at a time; of those that wait, the newest are kept.

import { Stream } from './stream.js';

const GIVE_UP_AFTER_MS = 20_000;

/** Returns a function that takes announcements; `follow` returns a promise that ends with the topic. */
export function followUpTo(limit, follow) {
  const waiting = [];
  let following = 0;

  function next() {
    while (following < limit && waiting.length > 0) {
      following++;
      follow(waiting.shift()).finally(() => {
        following--;
        next();
      });
    }
  }

  return announcement => {
    waiting.push(announcement);
    waiting.splice(0, waiting.length - limit);
    setTimeout(next, 50); // a page that was just loaded is told of several: let the newest win
  };
}

/**
 * Reads a topic from its start to its end, and resolves once the stream has stopped. The topic of a
 * publisher that died never ends: after a while without an event it is given up.
 */
export function readToEnd({ topic, on, onGap, onChange }) {
  return new Promise(resolve => {
    let timer = 0;
    let seen = -1;
    const stream = new Stream({
      topics: [topic],
      since: 'earliest',
      on,
      onGap,
      onChange(stream) {
        onChange(stream);
        if (['ended', 'failed', 'closed'].includes(stream.state)) {
          clearTimeout(timer);
          resolve(stream.state);
        } else if (stream.events !== seen) {
          seen = stream.events;
          clearTimeout(timer);
          timer = setTimeout(() => stream.close(), GIVE_UP_AFTER_MS);
        }
      },
    });
  });
}

export function pause(milliseconds) {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
