package dev.longwave.server.net.helidon;

import java.io.ByteArrayOutputStream;

/** What the engine reads next, in place of what the client sent. For one thread. */
final class EngineFeed {

    private static final byte[] NONE = {};

    private ByteArrayOutputStream bytes = new ByteArrayOutputStream(0);

    /** Expects about this many bytes. */
    void begin(int expected) {
        if (bytes.size() == 0) {
            bytes = new ByteArrayOutputStream(expected);
        }
    }

    void pass(Frame frame) {
        bytes.write(frame.bytes(), frame.at(), Frame.HEADER_LENGTH + frame.length());
    }

    void add(byte[] more) {
        bytes.writeBytes(more);
    }

    /** A request, by its header block. */
    void headers(int streamId, byte[] block, boolean endsStream) {
        int flags = Frame.END_HEADERS | (endsStream ? Frame.END_STREAM : 0);
        add(Frame.of(Frame.HEADERS, flags, streamId, block));
    }

    /** The rest of a request will not come. */
    void reset(int streamId) {
        add(Frame.reset(streamId, Http2Error.CANCEL));
    }

    /** All of it, once. */
    byte[] take() {
        if (bytes.size() == 0) {
            return NONE;
        }
        byte[] taken = bytes.toByteArray();
        bytes = new ByteArrayOutputStream(0);
        return taken;
    }
}
