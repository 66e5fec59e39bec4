// Sessions without a store: the cookie says whose session it is and when it ends, and is signed. Yours: iron-session,
// Auth.js, or what you have.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { cookies } from "next/headers";

export const COOKIE = "inbox_session";
export const SESSION_SECONDS = 15 * 60;

const OPTIONS = {
  httpOnly: true,
  sameSite: "lax",
  secure: false, // true once the application and Longwave use HTTPS
  path: "/",
  maxAge: SESSION_SECONDS,
};

// Next.js bundles this file once for each route. With several processes, set SESSION_SECRET: all need the same.
const secret = () => process.env.SESSION_SECRET ?? (globalThis.sessionSecret ??= randomBytes(32).toString("hex"));

const now = () => Math.floor(Date.now() / 1000);

function sign(payload) {
  return createHmac("sha256", secret()).update(payload).digest("base64url");
}

export async function begin(user) {
  const payload = Buffer.from(JSON.stringify({ user, endsAt: now() + SESSION_SECONDS })).toString("base64url");
  (await cookies()).set(COOKIE, `${payload}.${sign(payload)}`, OPTIONS);
}

export async function end() {
  (await cookies()).delete(COOKIE);
}

/** The session of the request, `{ user, endsAt }`, or null. */
export async function current() {
  const [payload = "", signature = ""] = ((await cookies()).get(COOKIE)?.value ?? "").split(".");
  const expected = Buffer.from(sign(payload));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
    return null;
  }
  const session = JSON.parse(Buffer.from(payload, "base64url"));
  return session.endsAt > now() ? session : null;
}
