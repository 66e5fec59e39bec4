package dev.longwave.testing;

import dev.longwave.broker.testing.Ending;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
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
    private @Nullable Envelopes body; // for the reading thread, as is the next
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
        if (handshake.status() != 101) {
            return handshake;
        }
        var envelopes = new Envelopes();
        body = envelopes;
        return envelopes.begin()
                ? new ResponseHead(200, Map.of("content-type", "text/event-stream"))
                : new ResponseHead(204, Map.of());
    }

    @Override
    public InputStream body() throws IOException {
        var _ = head();
        Envelopes present = body;
        return present == null ? InputStream.nullInputStream() : present;
    }

    @Override
    public void close() {
        Ending.FIN.end(client.socket());
    }

    /** What comes, as blocks of an event stream. */
    private final class Envelopes extends InputStream {
        private byte[] block = {};
        private int at;

        /** Whether there is anything but the end. */
        boolean begin() throws IOException {
            return next();
        }

        /** Whether there is another block. */
        private boolean next() throws IOException {
            WebSocketClient.Frame frame = client.read();
            while (frame.opcode() == WebSocketClient.PING) {
                client.send(WebSocketClient.FIN | WebSocketClient.PONG, frame.payload());
                frame = client.read();
            }
            if (frame.opcode() == WebSocketClient.CLOSE) {
                if (frame.reason().equals(ENDED)) {
                    return false;
                }
                throw new IOException("the server has closed the connection: " + frame);
            }
            block = block(JsonObject.parse(frame.text())).getBytes(StandardCharsets.UTF_8);
            at = 0;
            return true;
        }

        private static String block(JsonObject envelope) {
            if (envelope.has("cursor")) {
                return id(envelope.required("cursor"));
            }
            if (envelope.has("gap")) {
                return "event: gap\n" + data(gap(envelope)) + id(envelope.required("id"));
            }
            String type =
                    envelope.has("type") ? "event: %s\n".formatted(envelope.required("type")) : "";
            return type + data(envelope.required("data")) + id(envelope.required("id"));
        }

        private static String id(String id) {
            return id.isEmpty() ? "\n" : "id: %s\n\n".formatted(id);
        }

        private static String data(String data) {
            var lines = new StringBuilder();
            for (String line : data.split("\r\n|\r|\n", -1)) {
                lines.append("data: ").append(line).append('\n');
            }
            return lines.toString();
        }

        private static String gap(JsonObject envelope) {
            String after = envelope.nullable("after");
            return "{\"topic\":%s,\"reason\":\"%s\",\"after\":%s,\"before\":\"%s\"}"
                    .formatted(
                            quoted(envelope.required("topic")),
                            envelope.required("gap"),
                            after == null ? "null" : quoted(after),
                            envelope.required("before"));
        }

        private static String quoted(String text) {
            return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }

        @Override
        public int read() throws IOException {
            while (at == block.length) {
                if (!next()) {
                    return -1;
                }
            }
            return block[at++] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int first = read();
            if (first < 0) {
                return -1;
            }
            bytes[offset] = (byte) first;
            int more = Math.min(length - 1, block.length - at);
            System.arraycopy(block, at, bytes, offset + 1, more);
            at += more;
            return 1 + more;
        }
    }
}
