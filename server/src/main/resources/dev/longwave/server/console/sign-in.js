// Who the visitor is to the server: with a token that is entered here, or with what the browser adds to requests.

import { credential, currentToken, problemOf, requestTicket, useToken } from './requests.js';

/** What the server refuses only visitors whom it has recognised. */
const OF_RECOGNISED_VISITORS = ['tickets-unavailable', 'tickets-per-minute', 'ticket-too-long'];

/** Keeps the section up to date, if clients sign in on this server. */
export function signIn(section) {
  if (!('signIn' in document.body.dataset)) return;
  const who = section.querySelector('.who');
  const form = section.querySelector('form');
  const field = form.querySelector('input');
  const signOut = section.querySelector('.sign-out');

  function say(text, alarm = false) {
    who.textContent = text;
    who.classList.toggle('alarm', alarm);
    signOut.hidden = !currentToken();
  }

  /** Says who the visitor is with this token, or without one; whether the server accepts it. */
  async function present(token) {
    try {
      // A ticket that nobody uses: its answer says who gets it.
      const response = await requestTicket(token);
      const { rule, text } = response.ok ? {} : await problemOf(response);
      if (response.ok || OF_RECOGNISED_VISITORS.includes(rule)) {
        const { sub, exp } = claims(token);
        const { subject = sub } = response.ok ? await response.json() : {};
        const until = exp ? `, until ${new Date(exp * 1000).toLocaleString('en-GB')}` : '';
        say(`Signed in${subject ? ` as ${subject}` : ''}${token ? until : ', by a cookie or certificate of this browser'}.`);
        return true;
      }
      if (!token && rule === 'authentication-required') sayNobody();
      else say(`The server refuses ${token ? 'the token' : 'the cookie or certificate of this browser'}: ${text}`, true);
    } catch (error) {
      say(`No answer: ${error.message}`, true);
    }
    return false;
  }

  function sayNobody() {
    say('Not signed in: the page may do what anonymous clients may.');
  }

  function refresh() {
    if (currentToken() || 'ambient' in document.body.dataset) present(currentToken());
    else sayNobody();
  }

  form.addEventListener('submit', async event => {
    event.preventDefault();
    const token = field.value.trim().replace(/^bearer\s+/i, '');
    field.value = '';
    if (await present(token)) {
      useToken(token);
      signOut.hidden = false;
    }
  });
  signOut.addEventListener('click', () => {
    useToken('');
    location.reload(); // which ends the streams of this page
  });
  credential.addEventListener('refused', refresh);
  section.hidden = false;
  refresh();
}

/** What a signed token says, not verified; nothing of an API key. */
function claims(token) {
  try {
    return JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return {};
  }
}
