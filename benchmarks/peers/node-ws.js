// A plain WebSocket server, as most teams write it on Node.js with ws: one string per event for everybody.
//
//   node node-ws.js PORT     WebSocket /sub/TOPIC subscribes and publishes, POST /pub/TOPIC publishes

'use strict';

const http = require('node:http');
const { WebSocketServer, WebSocket } = require('ws');

const PING_INTERVAL = 15_000;

const topics = new Map();

function subscribe(topic, socket) {
  let subscribers = topics.get(topic);
  if (!subscribers) {
    topics.set(topic, (subscribers = new Set()));
  }
  subscribers.add(socket);
  socket.isAlive = true;
  socket.on('pong', () => {
    socket.isAlive = true;
  });
  socket.on('error', () => {});
  socket.on('message', (data) => publish(topic, data.toString()));
  socket.on('close', () => {
    subscribers.delete(socket);
    if (subscribers.size === 0 && topics.get(topic) === subscribers) {
      topics.delete(topic);
    }
  });
}

function publish(topic, text) {
  for (const subscriber of topics.get(topic) ?? []) {
    if (subscriber.readyState === WebSocket.OPEN) {
      subscriber.send(text);
    }
  }
}

setInterval(() => {
  for (const subscribers of topics.values()) {
    for (const subscriber of subscribers) {
      if (!subscriber.isAlive) {
        subscriber.terminate();
        continue;
      }
      subscriber.isAlive = false;
      subscriber.ping();
    }
  }
}, PING_INTERVAL).unref();

const sockets = new WebSocketServer({ noServer: true });

const server = http.createServer((request, response) => {
  if (request.method !== 'POST' || !request.url.startsWith('/pub/')) {
    response.writeHead(404).end();
    return;
  }
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    publish(request.url.slice('/pub/'.length), Buffer.concat(parts).toString());
    response.writeHead(202).end();
  });
});
server.on('upgrade', (request, socket, head) => {
  if (!request.url.startsWith('/sub/')) {
    socket.destroy();
    return;
  }
  sockets.handleUpgrade(request, socket, head, (opened) => {
    subscribe(request.url.slice('/sub/'.length), opened);
  });
});
server.keepAliveTimeout = 3_600_000;
server.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 });
