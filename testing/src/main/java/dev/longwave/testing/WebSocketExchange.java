package dev.longwave.testing;

import dev.longwave.broker.testing.Ending;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket in place of an event stream: what comes in envelopes is given out in the grammar of
 * event streams, so that an {@link EventSourceClient} can read it.
 */
final class WebSocketExchange implements Transport.Exchange {
    /*
     * A topic that has ended is a close frame as the first message here, and the answer 204 there. So the head
     * is known once the first message has come, and the server sends one at once.
     */
    private static final String ENDED = "ended";

    private final WebSocketClient client;
    private @Nullable EventBlocks body; // for the reading thread, as is the next
    private @Nullable ResponseHead head;

    private WebSocketExchange(WebSocketClient client) {
        this.client = client;
    }

    static WebSocketExchange get(URI uri, Map<String, String> headers) throws IOException {
        URI target = uri.resolve(Protocol.target(uri).replaceFirst("^/events", "/ws"));
        var fields = new ArrayList<String>();
        fields.add("Sec-WebSocket-Protocol: longwave.v1.json");
        String lastEventId = headers.getOrDefault("Last-Event-ID", "");
        if (!lastEventId.isEmpty()) {
            fields.add("Last-Event-ID: " + lastEventId);
        }
        return new WebSocketExchange(
                WebSocketClient.ask(
                        Protocol.connect(target), target, fields.toArray(String[]::new)));
    }

    @Override
    public ResponseHead head() throws IOException {
        ResponseHead known = head;
        if (known == null) {
            known = answer(client.head());
            head = known;
        }
        return known;
    }

    private ResponseHead answer(ResponseHead handshake) throws IOException {
        if (!handshake.isUpgrade()) {
            return handshake;
        }
        String first = next();
        if (first == null) {
            return new ResponseHead(204, Map.of());
        }
        body = new EventBlocks(first, this::next);
        return new ResponseHead(200, Map.of("content-type", "text/event-stream"));
    }

    @Override
    public InputStream body() throws IOException {
        var _ = head();
        EventBlocks present = body;
        return present == null ? InputStream.nullInputStream() : present;
    }

    @Override
    public void close() {
        Ending.FIN.end(client.socket());
    }

    /** {@return the next block, null once the topics have ended} */
    private @Nullable String next() throws IOException {
        WebSocketClient.Frame frame = client.read();
        while (frame.opcode() == WebSocketClient.PING) {
            client.send(WebSocketClient.FIN | WebSocketClient.PONG, frame.payload());
            frame = client.read();
        }
        if (frame.opcode() == WebSocketClient.CLOSE) {
            if (frame.reason().equals(ENDED)) {
                return null;
            }
            throw new IOException("the server has closed the connection: " + frame);
        }
        return block(JsonObject.parse(frame.text()));
    }

    private static String block(JsonObject envelope) {
        if (envelope.has("cursor")) {
            return EventBlocks.id(envelope.required("cursor"));
        }
        String id = envelope.required("id");
        if (envelope.has("gap")) {
            return EventBlocks.gap(
                    envelope.required("topic"),
                    envelope.required("gap"),
                    envelope.nullable("after"),
                    envelope.required("before"),
                    id);
        }
        String type = envelope.has("type") ? envelope.required("type") : null;
        return EventBlocks.event(type, envelope.required("data"), id);
    }
}
