package dev.longwave.server.ws;

/**
 * The header of a frame of a client, checked as far as it can be by itself: RFC 6455, section 5.2.
 *
 * @param fin whether it ends a message
 * @param compressed whether RSV1 is set: RFC 7692, section 6
 * @param length how long the payload is
 * @param mask what the payload is masked with
 */
record FrameHeader(boolean fin, boolean compressed, int opcode, long length, int mask) {

    static final int MAX_BYTES = 14;

    private static final int FIN = 0x80;
    private static final int RSV1 = 0x40;
    private static final int RSV = 0x70;
    private static final int OPCODE = 0x0f;
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7f;
    private static final int TWO_BYTES = 126;
    private static final int EIGHT_BYTES = 127;
    private static final int MASK_BYTES = 4;
    private static final int MAX_CONTROL_BYTES = 125;

    /** How long the header is that begins with these bytes; 2, if that is not known yet. */
    static int bytes(byte[] bytes, int at, int available) {
        if (available < 2) {
            return 2;
        }
        int masked = (bytes[at + 1] & MASKED) == 0 ? 0 : MASK_BYTES;
        return switch (bytes[at + 1] & LENGTH) {
            case TWO_BYTES -> 4 + masked;
            case EIGHT_BYTES -> 10 + masked;
            default -> 2 + masked;
        };
    }

    /**
     * Reads a header that is there whole.
     *
     * @param compression whether messages may be compressed
     * @throws WsFault if it breaks a rule
     */
    static FrameHeader read(byte[] bytes, int at, boolean compression) {
        int first = bytes[at] & 0xff;
        int second = bytes[at + 1] & 0xff;
        int opcode = first & OPCODE;
        boolean fin = (first & FIN) != 0;
        boolean control = Opcode.isControl(opcode);
        int allowed = compression && !control && opcode != Opcode.CONTINUATION ? RSV1 : 0;
        if ((first & RSV & ~allowed) != 0) {
            throw WsFault.protocol("reserved bits are set");
        }
        if (!Opcode.isKnown(opcode)) {
            throw WsFault.protocol("unknown opcode opcode=" + opcode);
        }
        if ((second & MASKED) == 0) {
            throw WsFault.protocol("frames of clients must be masked");
        }
        int length = second & LENGTH;
        if (control && (!fin || length > MAX_CONTROL_BYTES)) {
            throw WsFault.protocol("control frames must be whole and short");
        }
        return switch (length) {
            case TWO_BYTES ->
                    new FrameHeader(
                            fin,
                            (first & RSV1) != 0,
                            opcode,
                            shortest(number(bytes, at + 2, 2), MAX_CONTROL_BYTES),
                            mask(bytes, at + 4));
            case EIGHT_BYTES ->
                    new FrameHeader(
                            fin,
                            (first & RSV1) != 0,
                            opcode,
                            shortest(number(bytes, at + 2, 8), 0xffff),
                            mask(bytes, at + 10));
            default ->
                    new FrameHeader(fin, (first & RSV1) != 0, opcode, length, mask(bytes, at + 2));
        };
    }

    private static long shortest(long length, long shorter) {
        if (length < 0) {
            throw WsFault.protocol("the length of a frame is negative");
        }
        if (length <= shorter) {
            throw WsFault.protocol("the length of a frame must be as short as possible");
        }
        return length;
    }

    private static long number(byte[] bytes, int at, int count) {
        long number = 0;
        for (int i = 0; i < count; i++) {
            number = number << 8 | (bytes[at + i] & 0xff);
        }
        return number;
    }

    private static int mask(byte[] bytes, int at) {
        return (int) number(bytes, at, MASK_BYTES);
    }

    /** Takes the mask off {@code bytes}, which are the payload from {@code offset} on. */
    void unmask(byte[] bytes, int from, int to, long offset) {
        int rotated = Integer.rotateLeft(mask, 8 * (int) (offset & 3));
        for (int i = from; i < to; i++) {
            bytes[i] ^= (byte) (rotated >>> 24);
            rotated = Integer.rotateLeft(rotated, 8);
        }
    }
}
