import { current, end } from "../session";

const adminUrl = () => process.env.LONGWAVE_ADMIN_URL ?? "http://127.0.0.1:8090"; // for this application alone

export async function POST() {
  const session = await current();
  await end();
  if (session !== null) {
    await endStreams(session.user);
  }
  return new Response(null, { status: 303, headers: { Location: "/" } });
}

// The open streams of the user. Those of the user's other sessions reconnect.
async function endStreams(user) {
  const response = await fetch(`${adminUrl()}/admin/disconnect`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ subject: user }),
  });
  if (!response.ok) {
    throw new Error(`Longwave did not end the streams: ${response.status}`);
  }
}
