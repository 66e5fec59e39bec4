package dev.longwave.server.net.helidon;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A whole frame: RFC 9113, section 4.1.
 *
 * @param bytes what it is in, from {@code at} on, its header first; neither kept nor changed
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, once
record Frame(byte[] bytes, int at) {

    static final int HEADER_LENGTH = 9;

    // Types: section 6.
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

    // Flags, each of some types.
    static final int END_STREAM = 0x1;
    static final int ACK = 0x1;
    static final int END_HEADERS = 0x4;
    static final int PADDED = 0x8;
    static final int WEIGHTED = 0x20;

    /** The length of the payload. */
    int length() {
        return length(bytes, at);
    }

    /** The length of the payload of the frame whose header is at {@code at}. */
    static int length(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 16 | (bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff);
    }

    int type() {
        return bytes[at + 3] & 0xff;
    }

    boolean has(int flag) {
        return (bytes[at + 4] & flag) != 0;
    }

    int streamId() {
        return int31(bytes, at + 5);
    }

    /** Where the payload begins. */
    int payload() {
        return at + HEADER_LENGTH;
    }

    /** An unsigned number of the payload. */
    int uint8(int offset) {
        return bytes[payload() + offset] & 0xff;
    }

    int uint16(int offset) {
        return uint8(offset) << 8 | uint8(offset + 1);
    }

    long uint32(int offset) {
        return (long) uint16(offset) << 16 | uint16(offset + 2);
    }

    /** A number of the payload whose first bit is reserved. */
    int int31(int offset) {
        return int31(bytes, payload() + offset);
    }

    /** The number at {@code at}, whose first bit is reserved. */
    static int int31(byte[] bytes, int at) {
        return (bytes[at] & 0x7f) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | (bytes[at + 3] & 0xff);
    }

    static byte[] of(int type, int flags, int streamId, byte[] payload) {
        return ByteBuffer.allocate(HEADER_LENGTH + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(streamId)
                .put(payload)
                .array();
    }

    static byte[] reset(int streamId, Http2Error error) {
        return of(RST_STREAM, 0, streamId, int32(error.code()));
    }

    static byte[] windowUpdate(int streamId, int increment) {
        return of(WINDOW_UPDATE, 0, streamId, int32(increment));
    }

    /** The end of a request's body. */
    static byte[] endOfStream(int streamId) {
        return of(DATA, END_STREAM, streamId, new byte[0]);
    }

    static byte[] goAway(int lastStreamId, Http2Error error, String words) {
        byte[] debug = words.getBytes(StandardCharsets.US_ASCII);
        return of(
                GOAWAY,
                0,
                0,
                ByteBuffer.allocate(2 * Integer.BYTES + debug.length)
                        .putInt(lastStreamId)
                        .putInt(error.code())
                        .put(debug)
                        .array());
    }

    private static byte[] int32(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }
}
