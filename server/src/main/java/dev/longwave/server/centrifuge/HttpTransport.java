package dev.longwave.server.centrifuge;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** How a response without end carries the protocol, where there can be no WebSocket. */
@SuppressWarnings("ImmutableEnumChecker") // its arrays are never changed
enum HttpTransport implements Transport {
    /** JSON texts, one a line. */
    HTTP_STREAM("centrifuge-http-stream", "application/x-ndjson", "", "\n"),
    /** Events of an event stream. */
    SSE("centrifuge-sse", "text/event-stream", "data: ", "\n\n");

    private final String word;
    private final String contentType;

    /** What comes before and after a JSON text; not to be changed. */
    final byte[] before;

    final byte[] after;

    HttpTransport(String word, String contentType, String before, String after) {
        this.word = word;
        this.contentType = contentType;
        this.before = before.getBytes(StandardCharsets.US_ASCII);
        this.after = after.getBytes(StandardCharsets.US_ASCII);
    }

    /** {@return the word for it in metrics and in the access log} */
    String word() {
        return word;
    }

    String contentType() {
        return contentType;
    }

    @Override
    public byte[] framed(byte[] lines) {
        var framed = new ByteArrayOutputStream(lines.length + before.length + after.length);
        int from = 0;
        while (from < lines.length) {
            int to = from;
            while (to < lines.length && lines[to] != '\n') {
                to++;
            }
            framed.writeBytes(before);
            framed.write(lines, from, to - from);
            framed.writeBytes(after);
            from = to + 1;
        }
        return framed.toByteArray();
    }

    /** An answer would be a request of its own, and the response is written to anyway. */
    @Override
    public boolean wantsPongs() {
        return false;
    }
}
