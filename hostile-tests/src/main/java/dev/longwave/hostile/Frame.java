package dev.longwave.hostile;

import java.nio.ByteBuffer;

/**
 * An HTTP/2 frame: RFC 9113, section 4.1.
 *
 * @param type what it is, maybe none of the constants here
 * @param flags its flags
 * @param stream its stream; 0 for the connection
 * @param payload the rest, which is not copied
 */
@SuppressWarnings("ArrayRecordComponent") // made and used once
record Frame(int type, int flags, int stream, byte[] payload) {

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int ACK = 1;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;
    static final int PADDED = 8;
    static final int HAS_PRIORITY = 32;

    static final int HEADER_LENGTH = 9;

    /** A frame with four bytes, such as RST_STREAM or WINDOW_UPDATE. */
    static Frame ofInt(int type, int stream, int value) {
        return new Frame(type, 0, stream, ByteBuffer.allocate(4).putInt(value).array());
    }

    /** A request without a body. */
    static Frame request(int stream, HeaderBlock block) {
        return new Frame(HEADERS, END_STREAM | END_HEADERS, stream, block.bytes());
    }

    /** A request with a body, which is to follow. */
    static Frame upload(int stream, HeaderBlock block) {
        return new Frame(HEADERS, END_HEADERS, stream, block.bytes());
    }

    static Frame setting(int identifier, int value) {
        return new Frame(
                SETTINGS,
                0,
                0,
                ByteBuffer.allocate(6).putShort((short) identifier).putInt(value).array());
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    boolean endsStream() {
        return (type == DATA || type == HEADERS) && has(END_STREAM);
    }

    /** {@return the four bytes of the payload that begin at {@code offset}} */
    int intAt(int offset) {
        return ByteBuffer.wrap(payload).getInt(offset);
    }

    byte[] bytes() {
        return ByteBuffer.allocate(HEADER_LENGTH + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }
}
