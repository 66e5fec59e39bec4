// A Socket.IO server whose rooms are topics, over WebSocket only.
//
//   node socketio.js PORT     Socket.IO with ?topic=TOPIC subscribes, and its event `publish` publishes;
//                             POST /pub/TOPIC publishes

'use strict';

const http = require('node:http');
const { Server } = require('socket.io');

const server = http.createServer((request, response) => {
  if (request.method !== 'POST' || !request.url.startsWith('/pub/')) {
    response.writeHead(404).end();
    return;
  }
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    io.to(request.url.slice('/pub/'.length)).emit('event', Buffer.concat(parts).toString());
    response.writeHead(202).end();
  });
});

const io = new Server(server, { transports: ['websocket'], serveClient: false });

io.on('connection', (socket) => {
  const { topic } = socket.handshake.query;
  socket.join(topic);
  socket.on('publish', (text) => io.to(topic).emit('event', text));
});

server.keepAliveTimeout = 3_600_000;
server.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 });
