// Shows the events of the user's inbox.

const RETRY_MILLISECONDS = 2000;

const state = document.querySelector("#state");
let last = ""; // the ID after which a new stream continues

async function listen() {
  const response = await fetch("/stream", { method: "POST" });
  if (!response.ok) {
    throw new Error(`no stream: ${response.status}`);
  }
  const { url } = await response.json();
  const events = new EventSource(`${url}&lastEventId=${encodeURIComponent(last)}`);
  events.onopen = () => {
    state.textContent = "open";
  };
  events.onmessage = (event) => {
    last = event.lastEventId.split("~")[0]; // without the proof, which must not get into a URL
    const item = document.createElement("li");
    item.textContent = event.data;
    document.querySelector("#events").append(item);
  };
  // After a broken connection, EventSource reconnects by itself, with the same ticket. It is CLOSED once the token has
  // expired for which the ticket was given: then it takes a new one.
  events.onerror = () => {
    state.textContent = "reconnecting";
    if (events.readyState === EventSource.CLOSED) {
      again();
    }
  };
}

function again() {
  setTimeout(() => listen().catch(again), RETRY_MILLISECONDS);
}

listen().catch(again);
