// The requests of the console, with the token of a visitor who has signed in. The token is kept for this tab only. It is
// sent in a header, or exchanged for a ticket, and never becomes part of a URL or of the page.

const KEY = 'longwave-token';
let token = storedToken();

/** Tells the page of a 'change' of the token, and that the server has 'refused' it. */
export const credential = new EventTarget();

const WHAT_TO_DO = {
  'authentication-required': 'Sign in at the top of the console, or allow it to anonymous clients in auth.rules.',
  'credential-refused': 'Sign in with another token; the command “longwave token inspect” says more about this one.',
  'topic-forbidden': 'Sign in with a token whose claims name the topic, or allow it in auth.rules.',
  'cross-site': 'Open the console at the address of the server itself.',
};

/** What a visitor has signed in with; empty for nothing, or for what the browser adds to requests by itself. */
export function currentToken() {
  return token;
}

export function useToken(text) {
  token = text;
  try {
    if (text) sessionStorage.setItem(KEY, text);
    else sessionStorage.removeItem(KEY);
  } catch {
    // There is no storage: the visitor signs in again after a reload.
  }
  credential.dispatchEvent(new Event('change'));
}

function storedToken() {
  try {
    return sessionStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

/** As fetch, with the visitor's token. */
export async function send(url, { headers, ...options } = {}) {
  const presented = token;
  const response = await fetch(url, { ...options, headers: { ...headers, ...authorization(presented) } });
  if (response.status === 401 && presented && presented === token) credential.dispatchEvent(new Event('refused'));
  return response;
}

/** Asks for a ticket, which the answer is about; for all topics if none are given. */
export function requestTicket(presented, purpose = 'events', topics = undefined) {
  return fetch(new URL('../tickets', import.meta.url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...authorization(presented) },
    body: JSON.stringify({ purpose, topics }),
  });
}

function authorization(presented) {
  return presented ? { Authorization: `Bearer ${presented}` } : {};
}

/** The server has refused a request, and would refuse it again. */
export class Refusal extends Error {}

/**
 * A ticket for one EventSource or WebSocket, which can send no header; undefined if the visitor has no token, as the
 * browser sends cookies by itself.
 *
 * @throws Refusal if there is none for this visitor
 */
export async function ticketFor(purpose, topics) {
  if (!token) return undefined;
  const response = await requestTicket(token, purpose, topics);
  if (response.ok) return (await response.json()).ticket;
  const text = await problemText(response);
  throw isFinal(response.status) ? new Refusal(text) : new Error(text);
}

/** Whether the next request would be refused too: not after a timeout, a quota, or what a proxy says while a server restarts. */
function isFinal(status) {
  return status === 501 || (status < 500 && ![408, 429].includes(status));
}

/** Describes a failed response in one line. */
export async function problemText(response) {
  return (await problemOf(response)).text;
}

/** The rule that a request breaks, and a line about it, whether or not the response is a problem document (RFC 9457). */
export async function problemOf(response) {
  const body = await response.text();
  try {
    const { type, title, detail } = JSON.parse(body);
    const rule = type.replace('urn:longwave:problem:', '');
    return { rule, text: [response.status, title, detail, WHAT_TO_DO[rule]].filter(Boolean).join(' · ') };
  } catch {
    return { rule: '', text: `${response.status} ${response.statusText}` };
  }
}
