package dev.longwave.server.net.helidon;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/** Cuts what an HTTP/2 client sends into frames. For the thread that reads the connection. */
final class FrameReader {
    /*
     * A frame that lies within what was read is not copied. Of one that does not, `begun` holds what has
     * arrived: memory is taken as bytes arrive, and given back with the frame.
     */
    static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** What we announce, by not announcing another: RFC 9113, section 6.5.2. */
    private static final int MAX_PAYLOAD = 16_384;

    private static final byte[] NONE = {};

    private int prefaceRead;
    private byte[] begun = NONE;
    private int begunLength;

    /** Whether something has arrived of a frame, or of the preface, that is not whole. */
    boolean isWithinFrame() {
        return begunLength > 0 || (prefaceRead > 0 && prefaceRead < PREFACE.length);
    }

    /**
     * Takes the next bytes.
     *
     * @param frames takes each frame that is whole, and must not keep it
     */
    void read(byte[] bytes, Consumer<Frame> frames) {
        int at = preface(bytes);
        while (at < bytes.length) {
            int left = bytes.length - at;
            if (begunLength > 0) {
                at += complete(bytes, at, frames);
            } else if (left >= Frame.HEADER_LENGTH && left >= frameLength(bytes, at)) {
                frames.accept(new Frame(bytes, at));
                at += frameLength(bytes, at);
            } else {
                begun = Arrays.copyOfRange(bytes, at, bytes.length);
                begunLength = left;
                at = bytes.length;
            }
        }
    }

    /** Helidon ends a connection with another preface without GOAWAY. */
    private int preface(byte[] bytes) {
        int at = 0;
        while (prefaceRead < PREFACE.length && at < bytes.length) {
            if (bytes[at++] != PREFACE[prefaceRead++]) {
                throw new ConnectionFault(Http2Error.PROTOCOL_ERROR, "not the preface of HTTP/2");
            }
        }
        return at;
    }

    /** Adds to what has begun, and returns how much it took. */
    private int complete(byte[] bytes, int at, Consumer<Frame> frames) {
        int whole = begunLength < Frame.HEADER_LENGTH ? Frame.HEADER_LENGTH : frameLength(begun, 0);
        int more = Math.min(whole - begunLength, bytes.length - at);
        if (begun.length < begunLength + more) {
            int doubled = Math.min(whole, 2 * begunLength);
            begun = Arrays.copyOf(begun, Math.max(doubled, begunLength + more));
        }
        System.arraycopy(bytes, at, begun, begunLength, more);
        begunLength += more;
        if (begunLength >= Frame.HEADER_LENGTH && begunLength == frameLength(begun, 0)) {
            byte[] frame = begun;
            begun = NONE;
            begunLength = 0;
            frames.accept(new Frame(frame, 0));
        }
        return more;
    }

    private static int frameLength(byte[] bytes, int at) {
        int payload = Frame.length(bytes, at);
        if (payload > MAX_PAYLOAD) {
            throw new ConnectionFault(
                    Http2Error.FRAME_SIZE_ERROR, "a frame is longer than 16384 bytes");
        }
        return Frame.HEADER_LENGTH + payload;
    }
}
