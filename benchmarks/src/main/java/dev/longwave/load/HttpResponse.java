package dev.longwave.load;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Takes HTTP/1.1 responses apart as they come in, in pieces of any length. */
final class HttpResponse {
    /** Told of the body's bytes. */
    interface Body {
        void bytes(ByteBuffer buffer, int from, int to) throws IOException;
    }

    private enum State {
        HEAD,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILER,
        BODY,
        COMPLETE
    }

    private static final int MAX_HEAD_BYTES = 8192;

    private final Body body;
    private State state = State.HEAD;
    private StringBuilder head = new StringBuilder(256);
    private int status;
    private long remaining;

    HttpResponse(Body body) {
        this.body = body;
    }

    /** {@return whether the head is there} */
    boolean hasHead() {
        return state != State.HEAD;
    }

    boolean isComplete() {
        return state == State.COMPLETE;
    }

    /** {@return the status, once the head is there} */
    int status() {
        return status;
    }

    /** Gets ready for the next response on the same connection. */
    void reset() {
        state = State.HEAD;
        head.setLength(0);
    }

    /** Reads what is left in {@code buffer}, up to the end of this response. */
    void read(ByteBuffer buffer) throws IOException {
        int at = buffer.position();
        int to = buffer.limit();
        while (at < to && state != State.COMPLETE) {
            if (state == State.CHUNK || state == State.BODY) {
                int end = (int) Math.min(to, at + remaining);
                body.bytes(buffer, at, end);
                remaining -= end - at;
                at = end;
                if (remaining == 0) {
                    state = state == State.CHUNK ? State.CHUNK_END : State.COMPLETE;
                }
            } else {
                step(buffer.get(at++));
            }
        }
        buffer.position(at);
    }

    private void step(byte next) throws ProtocolException {
        if (state == State.HEAD) {
            head.append((char) next);
            if (next == '\n' && endsWithEmptyLine()) {
                understandHead();
            } else if (head.length() > MAX_HEAD_BYTES) {
                throw new ProtocolException("the head of a response is too long");
            }
        } else if (state == State.CHUNK_SIZE) {
            chunkSize(next);
        } else if (state == State.CHUNK_END) {
            if (next == '\n') {
                startChunk();
            }
        } else { // TRAILER: no server here sends one, so this is the empty line
            if (next == '\n') {
                state = State.COMPLETE;
            }
        }
    }

    private boolean endsWithEmptyLine() {
        int length = head.length();
        return length >= 4 && head.charAt(length - 2) == '\r' && head.charAt(length - 3) == '\n';
    }

    private void understandHead() throws ProtocolException {
        String text = head.toString().toLowerCase(Locale.ROOT);
        if (!text.startsWith("http/1.1 ")) {
            throw new ProtocolException("not a response");
        }
        status = Integer.parseInt(text, 9, 12, 10);
        int length = text.indexOf("\r\ncontent-length:");
        if (status == 101) {
            state = State.COMPLETE; // what follows is not HTTP
        } else if (text.contains("\r\ntransfer-encoding: chunked")) {
            startChunk();
        } else if (length >= 0) {
            remaining =
                    Long.parseLong(
                            text.substring(length + 17, text.indexOf("\r\n", length + 2)).strip());
            state = remaining == 0 ? State.COMPLETE : State.BODY;
        } else if (status == 204) {
            state = State.COMPLETE;
        } else {
            remaining = Long.MAX_VALUE / 2; // until the connection is closed
            state = State.BODY;
        }
        if (state == State.CHUNK_SIZE) {
            head = new StringBuilder(0); // a stream has no second response
        }
    }

    private void startChunk() {
        remaining = 0;
        state = State.CHUNK_SIZE;
    }

    private void chunkSize(byte next) throws ProtocolException {
        int digit = Character.digit(next, 16);
        if (digit >= 0) {
            remaining = remaining * 16 + digit;
        } else if (next == '\n') {
            state = remaining == 0 ? State.TRAILER : State.CHUNK;
        } else if (next != '\r') {
            throw new ProtocolException(
                    "bad chunk size: " + new String(new byte[] {next}, StandardCharsets.US_ASCII));
        }
    }
}
