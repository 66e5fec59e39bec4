package dev.longwave.load;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Takes the frames of a WebSocket server apart as they come in, in pieces of any length. What is in
 * messages is passed on where it lies.
 */
final class FrameReader {
    /** Receives what the frames contain. */
    interface Sink {
        /**
         * A piece of a message: the bytes of {@code buffer} from {@code from} to before {@code to}.
         */
        void piece(ByteBuffer buffer, int from, int to) throws IOException;

        /** A message is complete. */
        void endOfMessage() throws IOException;

        void ping(byte[] payload) throws IOException;
    }

    private static final int SHORT_HEADER = 2;
    private static final int LONGEST_CONTROL = 125;
    private static final byte[] NONE = {};

    private final Sink sink;
    private int first; // byte of the header
    private int headerBytes; // read so far
    private int headerLength = SHORT_HEADER;
    private long remaining; // of the payload; while the header is read, the length so far
    private byte[] control = NONE;
    private int controlBytes;

    FrameReader(Sink sink) {
        this.sink = sink;
    }

    /**
     * Reads all of {@code buffer}.
     *
     * @throws ClosedException at a close frame
     */
    void read(ByteBuffer buffer) throws IOException {
        int at = buffer.position();
        int to = buffer.limit();
        while (at < to) {
            if (headerBytes < headerLength) {
                header(buffer.get(at++) & 0xFF);
                if (headerBytes == headerLength) {
                    begin();
                }
            } else {
                int end = (int) Math.min(to, at + remaining);
                payload(buffer, at, end);
                remaining -= end - at;
                at = end;
            }
            if (headerBytes == headerLength && remaining == 0) {
                end();
            }
        }
        buffer.position(to);
    }

    private void header(int next) throws ProtocolException {
        if (headerBytes == 0) {
            first = next;
        } else if (headerBytes == 1) {
            if ((next & Frame.MASKED) != 0 || (first & Frame.RESERVED) != 0) {
                throw new ProtocolException("a frame that no server may send here");
            }
            headerLength =
                    switch (next) {
                        case Frame.LENGTH_16 -> SHORT_HEADER + Short.BYTES;
                        case Frame.LENGTH_64 -> SHORT_HEADER + Long.BYTES;
                        default -> SHORT_HEADER;
                    };
            remaining = headerLength == SHORT_HEADER ? next : 0;
        } else {
            remaining = remaining << Byte.SIZE | next;
        }
        headerBytes++;
    }

    private void begin() throws ProtocolException {
        if (isControl()) {
            if (remaining > LONGEST_CONTROL) {
                throw new ProtocolException("a control frame that is too long");
            }
            control = remaining == 0 ? NONE : new byte[(int) remaining];
            controlBytes = 0;
        }
    }

    private void payload(ByteBuffer buffer, int from, int to) throws IOException {
        if (isControl()) {
            buffer.get(from, control, controlBytes, to - from);
            controlBytes += to - from;
        } else {
            sink.piece(buffer, from, to);
        }
    }

    private void end() throws IOException {
        headerBytes = 0;
        headerLength = SHORT_HEADER;
        switch (first & Frame.OPCODE) {
            case Frame.CONTINUATION, Frame.TEXT, Frame.BINARY -> {
                if ((first & Frame.FIN) != 0) {
                    sink.endOfMessage();
                }
            }
            case Frame.PING -> sink.ping(control);
            case Frame.PONG -> {} // to a ping that was never sent
            case Frame.CLOSE -> throw new ClosedException(control);
            default -> throw new ProtocolException("an unknown opcode");
        }
    }

    private boolean isControl() {
        return (first & Frame.CLOSE) != 0;
    }

    /** The server closes the WebSocket. */
    static final class ClosedException extends IOException {
        private static final long serialVersionUID = 1;

        ClosedException(byte[] payload) {
            super("closed by the server: " + status(payload));
        }

        private static String status(byte[] payload) {
            if (payload.length < Short.BYTES) {
                return "no status";
            }
            int code = ByteBuffer.wrap(payload).getShort() & 0xFFFF;
            var reason =
                    new String(
                            payload,
                            Short.BYTES,
                            payload.length - Short.BYTES,
                            StandardCharsets.UTF_8);
            return (code + " " + reason).strip();
        }
    }
}
