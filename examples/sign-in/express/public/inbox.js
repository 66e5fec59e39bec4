// Shows the events of the user's inbox, or of the topic in ?topic=.

const { name, longwave } = await (await fetch("/me")).json();
if (name === null) {
  document.querySelector("#sign-in").hidden = false;
} else {
  document.querySelector("main").hidden = false;
  document.querySelector("#user").textContent = name;
  listen(new URLSearchParams(location.search).get("topic") ?? `users/${name}/inbox`);
}

function listen(topic) {
  const state = document.querySelector("#state");
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
}
