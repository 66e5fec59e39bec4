"use client";

import { useEffect, useState } from "react";

export default function Inbox({ url }) {
  const [state, setState] = useState("connecting");
  const [events, setEvents] = useState([]);

  useEffect(() => {
    // With credentials, as Longwave has another port, and so another origin, than this page.
    const source = new EventSource(url, { withCredentials: true });
    source.onopen = () => setState("open");
    source.onmessage = (event) => {
      setEvents((earlier) => [...earlier, { id: event.lastEventId, data: event.data }]);
    };
    source.onerror = () => {
      // CLOSED means that Longwave refused: the session has ended, or may not read the topic.
      setState(source.readyState === EventSource.CLOSED ? "refused" : "reconnecting");
    };
    return () => source.close();
  }, [url]);

  return (
    <>
      <p>Stream: <output id="state">{state}</output></p>
      <ul id="events">{events.map((event) => <li key={event.id}>{event.data}</li>)}</ul>
    </>
  );
}
