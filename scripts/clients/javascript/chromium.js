// EventSource of a real browser, in a page of the same origin.
import {chromium} from 'playwright-core';
import {received, url} from './received.js';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const page = await browser.newPage();
await page.exposeFunction('received', received);
await page.exposeFunction('opened', () => console.log('open'));
await page.goto(new URL('/health/live', url).href);
await page.evaluate(address => {
  const source = new EventSource(address);
  source.onopen = () => window.opened();
  source.onmessage = event => window.received(event.type, event.data);
  source.addEventListener('gap', event => window.received('gap', event.data));
}, url);
