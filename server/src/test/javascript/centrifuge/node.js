// The driver as a process: commands come as lines of JSON, and what happens leaves likewise.
import {createInterface} from 'node:readline';
import {Centrifuge, UnauthorizedError} from 'centrifuge';
import {EventSource} from 'eventsource';
import WebSocket from 'ws';
import './driver.js';

Centrifuge.UnauthorizedError = UnauthorizedError;
const emit = (event) => process.stdout.write(JSON.stringify(event) + '\n');
const more = {websocket: WebSocket, eventsource: EventSource};
const command = globalThis.drive(Centrifuge, more, emit);
for await (const line of createInterface({input: process.stdin})) {
  command(JSON.parse(line));
}
process.exit(0);
