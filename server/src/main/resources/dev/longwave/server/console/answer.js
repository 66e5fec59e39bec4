// An assistant's answer, token by token. The data of each event is the text of one token, and the answer is
// all tokens in order.

import { el, oncePerFrame, showGap, showStream } from './dom.js';
import { followUpTo, pause, readToEnd } from './follow.js';
import { markdown } from './markdown.js';

const TIME_TO_READ_MS = 6000;

export function answerCard(card) {
  const topicName = card.querySelector('.topic');
  const question = card.querySelector('.question');
  const output = card.querySelector('.answer');
  const note = card.querySelector('.note');
  const body = card.querySelector('.body');

  async function follow(announcement) {
    let stream = null;
    let text = '';
    let tokens = 0;
    const draw = oncePerFrame(() => {
      const follow = body.scrollHeight - body.scrollTop - body.clientHeight < 40;
      output.replaceChildren(...markdown(text));
      if (follow) body.scrollTop = body.scrollHeight;
    });

    topicName.textContent = announcement.topic;
    question.textContent = announcement.question;
    question.hidden = false;
    output.replaceChildren();
    output.classList.add('writing');
    output.setAttribute('aria-busy', 'true');

    await readToEnd({
      topic: announcement.topic,
      on: {
        token(event) {
          text += event.data;
          tokens++;
          draw();
        },
        done() {
          output.classList.remove('writing');
          output.setAttribute('aria-busy', 'false');
          stream.finish();
        },
      },
      onGap(gap) {
        text += ' […] ';
        showGap(card, gap);
      },
      onChange(changed) {
        stream = changed;
        showStream(card, stream);
        note.textContent = noteOn(stream, tokens);
      },
    });
    output.classList.remove('writing');
    await pause(TIME_TO_READ_MS);
  }

  const announce = followUpTo(1, follow);
  return { answer: event => announce(JSON.parse(event.data)) };
}

function noteOn(stream, tokens) {
  switch (stream.state) {
    case 'ending':
      return `${tokens} tokens, then done: the server closed the stream, and EventSource reconnects once more`;
    case 'ended':
      return `${tokens} tokens, ended: the server returned 204, and EventSource stopped`;
    case 'failed':
      return stream.problem;
    case 'closed':
      return 'given up: no events for a while';
    default:
      return `${tokens} tokens`;
  }
}
