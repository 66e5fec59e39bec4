import Inbox from "./inbox";
import { current } from "./session";

export default async function Page({ searchParams }) {
  const session = await current();
  if (session === null) {
    return (
      <form action="/sign-in" method="post">
        <label>Name <input name="username" autoComplete="username" required /></label>
        <label>Password <input name="password" type="password" autoComplete="current-password" required /></label>
        <button>Sign in</button>
      </form>
    );
  }
  const topic = (await searchParams).topic ?? `users/${session.user}/inbox`;
  const longwave = process.env.LONGWAVE_URL ?? "http://127.0.0.1:8080"; // for browsers
  return (
    <main>
      <form action="/sign-out" method="post">
        <span id="user">{session.user}</span> <button id="sign-out">Sign out</button>
      </form>
      <Inbox url={`${longwave}/events/${topic}`} />
    </main>
  );
}
