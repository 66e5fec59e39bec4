package dev.longwave.hostile;

import dev.longwave.testing.HeaderDecoder;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 with prior knowledge, frame by frame, over a {@link Wire}. It answers nothing by itself,
 * and opens no window. One thread sends, one reads.
 */
final class Http2Wire implements Closeable {

    static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    static final int INITIAL_WINDOW_SIZE = 4;
    private static final int LARGE_WINDOW = 1 << 30;

    static final int NO_ERROR = 0;
    static final int PROTOCOL_ERROR = 1;
    static final int ENHANCE_YOUR_CALM = 11;

    private final Wire wire;

    private final HeaderDecoder decoder = new HeaderDecoder();

    /** By stream, what has come of it. */
    private final Map<Integer, Partial> partials = new HashMap<>();

    private static final class Partial {
        private @Nullable Reply head;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();

        Optional<Reply> whole() {
            return head == null
                    ? Optional.empty()
                    : Optional.of(
                            new Reply(
                                    head.status(),
                                    head.headers(),
                                    body.toString(StandardCharsets.ISO_8859_1)));
        }
    }

    /** How a stream ended. */
    sealed interface Outcome {
        /** With a response. */
        record Answered(Reply reply) implements Outcome {}

        /** By RST_STREAM. */
        record Reset(int code) implements Outcome {}

        /** With the connection; {@code code} is that of GOAWAY, if there was one. */
        record Disconnected(Optional<Integer> code) implements Outcome {}
    }

    Http2Wire(Wire wire) {
        this.wire = wire;
    }

    /** Connects as an attacker who takes all that the server sends on its connection. */
    static Http2Wire open(int port) throws IOException {
        Http2Wire connection = greet(Wire.to(port));
        connection.send(Frame.ofInt(Frame.WINDOW_UPDATE, 0, LARGE_WINDOW));
        return connection;
    }

    /** Connects as an attacker who lets the server send nothing on its streams. */
    static Http2Wire shut(int port) throws IOException {
        Http2Wire connection = greet(Wire.tight(port));
        connection.send(Frame.setting(INITIAL_WINDOW_SIZE, 0));
        return connection;
    }

    private static Http2Wire greet(Wire wire) throws IOException {
        wire.send(PREFACE);
        var connection = new Http2Wire(wire);
        connection.send(new Frame(Frame.SETTINGS, 0, 0, new byte[0]));
        connection.send(new Frame(Frame.SETTINGS, Frame.ACK, 0, new byte[0]));
        return connection;
    }

    Wire wire() {
        return wire;
    }

    void send(Frame frame) throws IOException {
        wire.send(frame.bytes());
    }

    /** Sends, and returns false if the server has ended the connection. */
    boolean trySend(Frame frame) {
        return wire.trySend(frame.bytes());
    }

    /** Waits for a frame. */
    Frame next() throws IOException {
        byte[] header = wire.read(Frame.HEADER_LENGTH);
        int length = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | (header[2] & 0xff);
        var bare = new Frame(header[3] & 0xff, header[4] & 0xff, 0, header);
        return new Frame(
                bare.type(), bare.flags(), bare.intAt(5) & Integer.MAX_VALUE, wire.read(length));
    }

    /** Waits for the end of {@code stream}, at most as long as a {@link Wire} waits for bytes. */
    Outcome outcome(int stream) throws IOException {
        Optional<Integer> goAway = Optional.empty();
        try {
            while (true) {
                Frame frame = next();
                if (frame.type() == Frame.GOAWAY) {
                    goAway = Optional.of(frame.intAt(4));
                } else if (frame.type() == Frame.RST_STREAM && frame.stream() == stream) {
                    // A whole response may come before it, to an unfinished request: section 8.1.
                    return new Outcome.Reset(frame.intAt(0));
                } else {
                    Optional<Reply> reply = take(frame);
                    if (reply.isPresent() && frame.stream() == stream) {
                        return new Outcome.Answered(reply.get());
                    }
                }
            }
        } catch (EOFException | SocketException _) {
            return new Outcome.Disconnected(goAway);
        }
    }

    /** Waits for the end of the connection, and returns the code of GOAWAY, if there was one. */
    Optional<Integer> awaitEnd(Duration timeout) throws IOException {
        wire.timeout(timeout);
        Optional<Integer> code = Optional.empty();
        try {
            while (true) {
                Frame frame = next();
                if (frame.type() == Frame.GOAWAY) {
                    code = Optional.of(frame.intAt(4));
                }
            }
        } catch (EOFException | SocketException _) {
            return code;
        }
    }

    /** Adds a frame to what has come, and returns the response that it completes, if it does. */
    Optional<Reply> take(Frame frame) throws IOException {
        if (frame.type() != Frame.HEADERS && frame.type() != Frame.DATA) {
            return Optional.empty();
        }
        Partial partial = partials.computeIfAbsent(frame.stream(), _ -> new Partial());
        if (frame.type() == Frame.HEADERS) {
            Reply head = head(frame);
            if (partial.head == null || partial.head.status() < 200) {
                partial.head = head;
            }
        } else {
            partial.body.writeBytes(frame.payload());
        }
        if (frame.endsStream() || (partial.head != null && partial.head.isEventStream())) {
            partials.remove(frame.stream());
            return partial.whole();
        }
        return Optional.empty();
    }

    private Reply head(Frame first) throws IOException {
        var block = new ByteArrayOutputStream();
        Frame part = first;
        block.writeBytes(part.payload());
        while (!part.has(Frame.END_HEADERS)) {
            part = next();
            if (part.type() != Frame.CONTINUATION) {
                throw new IOException("expected CONTINUATION type=" + part.type());
            }
            block.writeBytes(part.payload());
        }
        Map<String, String> fields = decoder.decode(block.toByteArray());
        String status = fields.remove(":status");
        // Without a status they are trailers.
        return new Reply(status == null ? 0 : Integer.parseInt(status), fields, "");
    }

    @Override
    public void close() {
        wire.close();
    }
}
