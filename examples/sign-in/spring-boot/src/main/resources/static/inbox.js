// Shows the events of the user's inbox, or of the topic in ?topic=.

const { name, longwave } = await (await fetch("/me")).json();
document.querySelector("#user").textContent = name;
document.querySelector("#sign-out").onclick = async () => {
  const csrf = /(?:^|; )XSRF-TOKEN=([^;]*)/.exec(document.cookie)?.[1] ?? "";
  await fetch("/logout", { method: "POST", headers: { "X-XSRF-TOKEN": csrf } });
  location.reload();
};

const state = document.querySelector("#state");
const topic = new URLSearchParams(location.search).get("topic") ?? `users/${name}/inbox`;
// With credentials, as Longwave has another port, and so another origin, than this page.
const events = new EventSource(`${longwave}/events/${topic}`, { withCredentials: true });
events.onopen = () => {
  state.textContent = "open";
};
events.onmessage = (event) => {
  const item = document.createElement("li");
  item.textContent = event.data;
  document.querySelector("#events").append(item);
};
events.onerror = () => {
  // CLOSED means that Longwave refused: the session has ended, or may not read the topic.
  state.textContent = events.readyState === EventSource.CLOSED ? "refused" : "reconnecting";
};
