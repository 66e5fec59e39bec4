package dev.longwave.server.ws;

/**
 * Frames as a server sends them: RFC 6455, section 5.2. They are not masked, so the same bytes are
 * right for every client.
 */
final class ServerFrame {

    static final int RSV1 = 0x40; // the message is compressed: RFC 7692, section 6
    private static final int FIN = 0x80;
    private static final int SHORT = 125;
    private static final int TWO_BYTES = 126;
    private static final int EIGHT_BYTES = 127;
    private static final int MAX_TWO_BYTES = 0xffff;

    private ServerFrame() {}

    /** How long the header of a frame is with {@code length} bytes of payload. */
    static int headerLength(int length) {
        if (length <= SHORT) {
            return 2;
        }
        return length <= MAX_TWO_BYTES ? 4 : 10;
    }

    /** Writes the header of a whole message to the front of {@code bytes}. */
    static void putHeader(byte[] bytes, int opcode, int length) {
        putHeader(bytes, FIN | opcode, 0, length);
    }

    /**
     * @param first the first byte, with its flags
     */
    static void putHeader(byte[] bytes, int first, int at, int length) {
        bytes[at] = (byte) first;
        if (length <= SHORT) {
            bytes[at + 1] = (byte) length;
        } else if (length <= MAX_TWO_BYTES) {
            bytes[at + 1] = TWO_BYTES;
            bytes[at + 2] = (byte) (length >>> 8);
            bytes[at + 3] = (byte) length;
        } else {
            bytes[at + 1] = EIGHT_BYTES;
            for (int i = 0; i < 8; i++) {
                bytes[at + 2 + i] = (byte) ((long) length >>> (8 * (7 - i)));
            }
        }
    }

    /** A whole message in one frame. */
    static byte[] of(int opcode, byte[] payload) {
        int header = headerLength(payload.length);
        byte[] frame = new byte[header + payload.length];
        putHeader(frame, opcode, payload.length);
        System.arraycopy(payload, 0, frame, header, payload.length);
        return frame;
    }
}
