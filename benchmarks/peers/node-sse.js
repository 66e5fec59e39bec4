// A plain SSE server, as most teams write it on Node.js: no dependency, one string per event for everybody.
//
//   node node-sse.js PORT     GET /sub/TOPIC subscribes, POST /pub/TOPIC publishes

'use strict';

const http = require('node:http');

const topics = new Map();
let lastId = 0;

function subscribe(topic, request, response) {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-cache',
  });
  response.flushHeaders();
  let subscribers = topics.get(topic);
  if (!subscribers) {
    topics.set(topic, (subscribers = new Set()));
  }
  subscribers.add(response);
  request.on('close', () => {
    subscribers.delete(response);
    if (subscribers.size === 0 && topics.get(topic) === subscribers) {
      topics.delete(topic);
    }
  });
}

function publish(topic, request, response) {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const data = Buffer.concat(parts).toString('utf8');
    const frame = `id: ${++lastId}\ndata: ${data.replaceAll('\n', '\ndata: ')}\n\n`;
    for (const subscriber of topics.get(topic) ?? []) {
      subscriber.write(frame);
    }
    response.writeHead(202).end();
  });
}

setInterval(() => {
  for (const subscribers of topics.values()) {
    for (const subscriber of subscribers) {
      subscriber.write(':\n\n');
    }
  }
}, 15_000).unref();

const server = http.createServer((request, response) => {
  const topic = request.url.slice('/sub/'.length);
  if (request.method === 'GET' && request.url.startsWith('/sub/')) {
    subscribe(topic, request, response);
  } else if (request.method === 'POST' && request.url.startsWith('/pub/')) {
    publish(topic, request, response);
  } else {
    response.writeHead(404).end();
  }
});
server.keepAliveTimeout = 3_600_000;
server.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 });
