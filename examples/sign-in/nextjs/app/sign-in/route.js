import { begin } from "../session";

const PASSWORDS = new Map([["alice", "wonderland"], ["bob", "builder"]]); // yours: a database of password hashes

export async function POST(request) {
  const form = await request.formData();
  const user = form.get("username");
  const password = form.get("password");
  if (typeof password !== "string" || PASSWORDS.get(user) !== password) {
    return new Response("Wrong name or password.", { status: 401 });
  }
  await begin(user);
  return new Response(null, { status: 303, headers: { Location: "/" } });
}
