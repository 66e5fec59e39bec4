// Jobs and answers are announced on a shared topic, and each has its own stream. Browsers allow few connections
// over HTTP/1.1, so the page follows only some of them at a time and keeps the newest of those that wait.

import { Stream } from './stream.js';

const GIVE_UP_AFTER_MS = 20_000;

/** Returns a function that accepts announcements; `follow` returns a promise that settles when the topic ends. */
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
    setTimeout(next, 50); // a newly loaded page receives several announcements: the newest wins
  };
}

/**
 * Reads a topic from its start to its end, and resolves when the stream has stopped. If the publisher dies, its
 * topic never ends; the stream is therefore closed after a while without events.
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
