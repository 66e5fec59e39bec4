// Shows an answer while it is written. After a reload, it continues with the next token.
//
// Each token is stored together with the ID of its event, in one item: what is shown and where to continue cannot
// disagree, whenever the page is left.

const KEY = "answer";

let answer = JSON.parse(sessionStorage.getItem(KEY)); // null, or { events, text, lastEventId, state }
let stream;

function update(changes) {
  answer = { ...answer, ...changes };
  sessionStorage.setItem(KEY, JSON.stringify(answer));
  show();
}

function show() {
  document.querySelector("#text").textContent = answer.text;
  document.querySelector("#state").textContent = answer.state;
}

function follow() {
  const from = answer.lastEventId === null ? { since: "earliest" } : { lastEventId: answer.lastEventId };
  stream = new EventSource(`${answer.events}?${new URLSearchParams(from)}`);
  stream.addEventListener("token", (event) => {
    update({ text: answer.text + event.data, lastEventId: event.lastEventId });
  });
  // Tokens are missing, and what follows does not fit to what is shown. Longwave says why.
  stream.addEventListener("gap", (event) => {
    finish(`incomplete: ${JSON.parse(event.data).reason}`);
  });
  stream.addEventListener("done", () => finish("done"));
  stream.addEventListener("failed", () => finish("failed"));
  stream.onerror = () => {
    // CLOSED: Longwave refused, or the page is being left. That is not stored, and the next page tries again.
    // Otherwise EventSource connects again by itself, and continues after the last event.
    if (stream.readyState === EventSource.CLOSED) {
      document.querySelector("#state").textContent = "refused";
    }
  };
}

function finish(state) {
  stream.close();
  update({ state });
}

document.querySelector("#ask").addEventListener("submit", async (submit) => {
  submit.preventDefault();
  stream?.close();
  const question = new FormData(submit.target).get("question");
  const response = await fetch("/answers", { method: "POST", body: question });
  const { events } = await response.json();
  answer = null;
  update({ events, text: "", lastEventId: null, state: "writing" });
  follow();
});

if (answer !== null) {
  show();
  if (answer.state === "writing") {
    follow();
  }
}
