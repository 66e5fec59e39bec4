package dev.longwave.server.centrifuge;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** How a response without end carries the protocol, where there can be no WebSocket. */
enum HttpTransport implements Transport {
    /** JSON texts, one a line. */
    HTTP_STREAM("application/x-ndjson", "", "\n"),
    /** Events of an event stream. */
    SSE("text/event-stream", "data: ", "\n\n");

    private final String contentType;
    private final byte[] before;
    private final byte[] after;

    HttpTransport(String contentType, String before, String after) {
        this.contentType = contentType;
        this.before = before.getBytes(StandardCharsets.US_ASCII);
        this.after = after.getBytes(StandardCharsets.US_ASCII);
    }

    String contentType() {
        return contentType;
    }

    int framedLength(int length) {
        return before.length + length + after.length;
    }

    /** Puts a JSON text, with what it is wrapped in, into {@code target}. */
    void put(byte[] text, int from, int to, byte[] target, int at) {
        int start = at + before.length;
        System.arraycopy(before, 0, target, at, before.length);
        System.arraycopy(text, from, target, start, to - from);
        System.arraycopy(after, 0, target, start + to - from, after.length);
    }

    @Override
    public byte[] framed(byte[] lines) {
        byte[] framed = new byte[0];
        int from = 0;
        while (from < lines.length) {
            int to = from;
            while (to < lines.length && lines[to] != '\n') {
                to++;
            }
            int at = framed.length;
            framed = Arrays.copyOf(framed, at + framedLength(to - from));
            put(lines, from, to, framed, at);
            from = to + 1;
        }
        return framed;
    }

    /** An answer would be a request of its own, and the response is written to anyway. */
    @Override
    public boolean wantsPongs() {
        return false;
    }
}
