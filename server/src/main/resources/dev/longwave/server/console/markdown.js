// Turns the part of Markdown that assistants use into DOM nodes. Text only ever becomes text nodes, so that a model
// cannot inject markup. Incomplete Markdown is not an error: more text follows.

import { el } from './dom.js';

const FENCE = /^```/;
const HEADING = /^(#{1,4})\s+(.*)/;
const BULLET = /^\s*[-*]\s+(.*)/;
const NUMBER = /^\s*\d+\.\s+(.*)/;
const INLINE = /\*\*(.+?)\*\*|\*(.+?)\*|`(.+?)`/g;

/** Returns the nodes of a text: headings, paragraphs, lists, and code blocks. */
export function markdown(text) {
  const nodes = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length;) {
    const line = lines[i];
    const heading = HEADING.exec(line);
    if (FENCE.test(line)) {
      const end = lines.findIndex((other, at) => at > i && FENCE.test(other));
      const code = lines.slice(i + 1, end < 0 ? lines.length : end);
      nodes.push(el('pre', {}, el('code', { textContent: code.join('\n') })));
      i = end < 0 ? lines.length : end + 1;
    } else if (heading) {
      nodes.push(el('h3', {}, ...inline(heading[2])));
      i++;
    } else if (BULLET.test(line) || NUMBER.test(line)) {
      const item = BULLET.test(line) ? BULLET : NUMBER;
      const list = el(item === BULLET ? 'ul' : 'ol');
      for (; i < lines.length && item.test(lines[i]); i++) {
        list.append(el('li', {}, ...inline(item.exec(lines[i])[1])));
      }
      nodes.push(list);
    } else if (line.trim() === '') {
      i++;
    } else {
      const paragraph = [];
      for (; i < lines.length && !startsBlock(lines[i]); i++) paragraph.push(lines[i]);
      nodes.push(el('p', {}, ...inline(paragraph.join(' '))));
    }
  }
  return nodes;
}

function startsBlock(line) {
  return line.trim() === '' || [FENCE, HEADING, BULLET, NUMBER].some(start => start.test(line));
}

/** Splits a line at **strong**, *emphasis* and `code`. */
function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, strong, emphasis, code] = match;
    nodes.push(text.slice(end, match.index));
    if (strong) nodes.push(el('strong', { textContent: strong }));
    else if (emphasis) nodes.push(el('em', { textContent: emphasis }));
    else nodes.push(el('code', { textContent: code }));
    end = match.index + whole.length;
  }
  nodes.push(text.slice(end));
  return nodes;
}
