package dev.longwave.cli.demo;

import java.util.List;

/** A question to the assistant, and its answer in Markdown. */
record Answer(String question, String text) {

    static final List<Answer> ALL =
            List.of(
                    new Answer(
                            "When should I choose SSE over WebSockets?",
                            """
                            Ask who needs to talk. If **the server talks and the browser listens**, \
                            Server-Sent Events are the simpler tool: one ordinary HTTP response that \
                            stays open while events are written to it.

                            Because it is ordinary HTTP, all that you already have keeps working: \
                            cookies, proxies, load balancers, access logs, `curl`. The browser brings \
                            the client along, and that client reconnects by itself. It even tells the \
                            server the last event it saw, so that the stream goes on where it stopped.

                            Choose **WebSockets** when the client answers on the same connection, and \
                            often: a shared cursor, a game, a call. You get two directions and binary \
                            frames. In exchange, reconnecting, resuming and heartbeats become yours to \
                            write.

                            Notifications, progress, dashboards, logs, and the very text you are \
                            reading need none of that. A stream for reading and a plain `POST` for the \
                            odd reply is less to build and less to break.
                            """),
                    new Answer(
                            "Show me the least code that streams an answer.",
                            """
                            In the browser it is one object and two listeners:

                            ```js
                            const source = new EventSource('/events/answers/42');
                            source.addEventListener('token', e => output.append(e.data));
                            source.addEventListener('done', () => source.close());
                            ```

                            On the other side, publish tokens as the model yields them. One long \
                            request takes a line of JSON for each token:

                            ```sh
                            model | curl -T - -X POST /events/answers/42 \\
                              -H 'Content-Type: application/x-ndjson'
                            ```

                            This is where SSE beats WebSockets. A token stream has **one direction**, \
                            it has a clear *end*, and a reader who loses the network in the middle \
                            wants the rest, not the start. With event ids, the browser asks for just \
                            that, and you wrote no code for it.

                            Keep WebSockets for talk in both directions: voice, say, or many people \
                            editing one text. To stop an answer half-way, closing the stream is \
                            enough; to ask the next question, send a `POST`. Two simple requests are \
                            easier to secure, to log and to test than one clever socket.
                            """),
                    new Answer(
                            "Give me a checklist: SSE or WebSockets?",
                            """
                            ### Take Server-Sent Events when

                            - the server speaks and the client mostly listens
                            - events are text: JSON, tokens, log lines
                            - nothing may be lost when the train enters a tunnel
                            - company proxies stand in between, and you cannot change them
                            - you want to look at the stream with `curl -N`

                            ### Take WebSockets when

                            - both sides send many messages a second
                            - the payload is binary, such as audio
                            - each round trip counts, as in a game

                            ### Before you decide

                            1. Count the connections. HTTP/1.1 allows a browser **six per origin**; \
                            HTTP/2 carries a hundred streams on one.
                            2. Think of the end. A finished job should *say* that it is finished, or \
                            clients return for ever. Here the server answers `204 No Content`, and \
                            `EventSource` stops.
                            3. Think of slow readers. A dashboard wants the newest value, a log wants \
                            every line.

                            Still unsure? Start with SSE. Moving up later is easy; carrying a protocol \
                            that you did not need is not.
                            """));
}
