// For Longwave, which passes on the cookie of the browser. The browser could ask, too, and would learn about its own
// session only.

import { current } from "../session";

export async function GET() {
  const session = await current();
  if (session === null) {
    return new Response(null, { status: 401 });
  }
  return Response.json({
    subject: session.user,
    expiresIn: session.endsAt - Math.floor(Date.now() / 1000), // being asked prolongs nothing
    subscribe: ["users/{sub}/**", "news"],
  });
}
