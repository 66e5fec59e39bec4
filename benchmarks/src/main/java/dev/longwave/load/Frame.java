package dev.longwave.load;

import java.nio.ByteBuffer;

/** Frames as a WebSocket client sends them: RFC 6455, section 5.2. */
final class Frame {
    static final int CONTINUATION = 0x0;
    static final int TEXT = 0x1;
    static final int BINARY = 0x2;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;
    static final int PONG = 0xA;

    static final int FIN = 0x80;
    static final int MASKED = 0x80;
    static final int OPCODE = 0x0F;
    static final int RESERVED = 0x70;
    static final int LENGTH = 0x7F;
    static final int LENGTH_16 = 126;
    static final int LENGTH_64 = 127;

    /** Bytes of the longest header that {@link #header} writes. */
    static final int MAX_HEADER_BYTES = 8;

    /*
     * A mask that cannot be guessed protects intermediaries from pages in browsers (section 10.3), and
     * there is neither here. It must not be zero: the server is to do all its work.
     */
    private static final int MASK = 0x37FA213D;

    private Frame() {}

    /** Puts the header of a frame of less than 64 KiB. */
    static void header(ByteBuffer out, int opcode, int length) {
        out.put((byte) (FIN | opcode));
        if (length < LENGTH_16) {
            out.put((byte) (MASKED | length));
        } else {
            out.put((byte) (MASKED | LENGTH_16)).putShort((short) length);
        }
        out.putInt(MASK);
    }

    /** Masks the payload, from {@code start} to the position of {@code out}. */
    static void mask(ByteBuffer out, int start) {
        int end = out.position();
        int at = start;
        for (; at + Integer.BYTES <= end; at += Integer.BYTES) {
            out.putInt(at, out.getInt(at) ^ MASK);
        }
        for (int shift = 24; at < end; at++, shift -= 8) {
            out.put(at, (byte) (out.get(at) ^ MASK >>> shift));
        }
    }

    /** {@return a whole frame} */
    static ByteBuffer of(int opcode, byte[] payload) {
        var frame = ByteBuffer.allocate(MAX_HEADER_BYTES + payload.length);
        header(frame, opcode, payload.length);
        int start = frame.position();
        mask(frame.put(payload), start);
        return frame.flip();
    }
}
