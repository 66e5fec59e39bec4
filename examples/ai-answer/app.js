// A backend that publishes the answer of a language model, token by token, to a topic of its own.
//
// The page reads the topic from Longwave, not from here: it can be reloaded, and its connection can break, without this
// program noticing.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";

const {
  PORT = "3000",
  LONGWAVE_URL = "http://127.0.0.1:8080",
  MODEL_URL, // gets the question as the body of a POST, and answers in pieces; without it, there is a sample
} = process.env;

const RETRY_MILLIS = 60_000; // Longwave recognizes a repeated message ID for two minutes
const ATTEMPT_MILLIS = 10_000;
const MAX_QUESTION = 10_000;

const FILES = new Map([
  ["/", ["public/index.html", "text/html"]],
  ["/answer.js", ["public/answer.js", "text/javascript"]],
]);

// Yours: the API of your model.
async function* model(question) {
  if (!MODEL_URL) {
    const answer = `You asked: ${question}\n\nReload this page while I write: I go on with the next word, and repeat none.`;
    for (const token of answer.match(/\s*\S+/g)) {
      await setTimeout(200);
      yield token;
    }
    return;
  }
  const response = await fetch(MODEL_URL, { method: "POST", body: question });
  if (!response.ok) {
    throw new Error(`the model answers ${response.status}`);
  }
  yield* response.body.pipeThrough(new TextDecoderStream());
}

async function write(topic, question) {
  let tokens = 0;
  try {
    for await (const token of model(question)) {
      await publish(topic, "token", token, tokens++);
    }
    await publish(topic, "done", "", "end", { end: true });
  } catch (error) {
    console.error(`${topic}: ${error.message}`);
    await publish(topic, "failed", "", "end", { end: true });
  }
}

// Tries until Longwave has the event. With its message ID, an event that is sent again is kept once.
async function publish(topic, type, data, id, more = {}) {
  const url = `${LONGWAVE_URL}/events/${topic}?${new URLSearchParams({ type, id, ...more })}`;
  const deadline = Date.now() + RETRY_MILLIS;
  for (let delay = 50; ; delay = Math.min(2 * delay, 2_000)) {
    let problem;
    try {
      const response = await fetch(url, { method: "POST", body: data, signal: AbortSignal.timeout(ATTEMPT_MILLIS) });
      const text = await response.text();
      if (response.ok) {
        return;
      }
      problem = new Error(`${response.status} ${text}`);
      if (response.status < 500 && response.status !== 429) {
        throw problem;
      }
    } catch (error) {
      if (error === problem) {
        throw error;
      }
      problem = error; // no connection, or no answer
    }
    if (Date.now() > deadline) {
      throw problem;
    }
    await setTimeout(delay);
  }
}

const server = createServer((request, response) => {
  handle(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
});

async function handle(request, response) {
  const file = FILES.get(request.url);
  if (request.method === "GET" && file) {
    response.writeHead(200, { "Content-Type": file[1] }).end(readFileSync(file[0]));
  } else if (request.method === "POST" && request.url === "/answers") {
    const question = await body(request);
    const topic = `answers/${randomUUID()}`;
    response.writeHead(201, { "Content-Type": "application/json" })
      .end(JSON.stringify({ events: `${LONGWAVE_URL}/events/${topic}` }));
    write(topic, question).catch((error) => console.error(`${topic}: ${error.message}`));
  } else {
    response.writeHead(404).end();
  }
}

async function body(request) {
  let text = "";
  for await (const piece of request.setEncoding("utf8")) {
    text += piece;
    if (text.length > MAX_QUESTION) {
      throw new Error("the question is too long");
    }
  }
  return text;
}

server.listen(Number(PORT), "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}`));
