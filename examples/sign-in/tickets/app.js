// An application whose pages are on another site than Longwave, so that the browser may block all cookies between them.
//
// Its backend knows the user. It signs a token for the user, exchanges it for a ticket, and gives the page the URL of a
// stream, which works once. The token never leaves the backend.

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const {
  PORT = "3000",
  LONGWAVE_URL = "http://127.0.0.1:8080",
  KEY_FILE = "key.json", // the key that Longwave trusts
} = process.env;

const TOKEN_SECONDS = 900; // a stream ends with its token; the page then gets another ticket

const key = JSON.parse(readFileSync(KEY_FILE, "utf8"));

const FILES = new Map([
  ["/", ["public/index.html", "text/html"]],
  ["/inbox.js", ["public/inbox.js", "text/javascript"]],
]);

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    response.writeHead(502).end();
  });
});

async function answer(request, response) {
  const file = FILES.get(request.url);
  if (request.method === "GET" && file) {
    response.writeHead(200, { "Content-Type": file[1] }).end(readFileSync(file[0]));
  } else if (request.method === "POST" && request.url === "/stream") {
    const user = userOf(request);
    const topic = `users/${user}/inbox`;
    const url = `${LONGWAVE_URL}/events/${topic}?ticket=${await ticket(user, topic)}`;
    response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-store" })
      .end(JSON.stringify({ url }));
  } else {
    response.writeHead(404).end();
  }
}

// Yours: the user of the session. Here, everyone is Alice.
function userOf(request) {
  return "alice";
}

async function ticket(user, topic) {
  const response = await fetch(`${LONGWAVE_URL}/tickets`, {
    method: "POST",
    headers: { "Authorization": `Bearer ${token(user)}`, "Content-Type": "application/json" },
    body: JSON.stringify({ topics: [topic] }),
  });
  if (!response.ok) {
    throw new Error(`no ticket: ${response.status} ${await response.text()}`);
  }
  return (await response.json()).ticket;
}

// A JWT library does this with other kinds of keys, too.
function token(user) {
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: "HS256", typ: "JWT", kid: key.kid };
  const claims = {
    sub: user,
    iat: now,
    exp: now + TOKEN_SECONDS,
    longwave: { subscribe: ["users/{sub}/**"] },
  };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const signature = createHmac("sha256", Buffer.from(key.k, "base64url")).update(signed).digest("base64url");
  return `${signed}.${signature}`;
}

server.listen(Number(PORT), "localhost", () => console.log(`http://localhost:${PORT}`));
