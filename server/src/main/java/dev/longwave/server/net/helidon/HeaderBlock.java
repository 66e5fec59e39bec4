package dev.longwave.server.net.helidon;

import java.io.ByteArrayOutputStream;

/** A header block that arrives in one frame or several: RFC 9113, section 4.3. */
final class HeaderBlock {
    /*
     * Helidon keeps the frames of 8 KiB of it, answers more with an error code that does not exist (431), and
     * counts empty frames as nothing.
     */
    private static final int MAX_BYTES = 16 << 10;
    private static final int MAX_FRAMES = 16;
    private static final int PRIORITY_LENGTH = 5;

    private final int streamId;
    private final boolean endsStream;
    private final boolean dependsOnItself;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    private int frames;

    /** The block that {@code first}, a HEADERS frame, begins. */
    HeaderBlock(Frame first) {
        this.streamId = first.streamId();
        this.endsStream = first.has(Frame.END_STREAM);
        int from = 0;
        int to = first.length();
        if (first.has(Frame.PADDED)) {
            if (to < 1) {
                throw padding();
            }
            to -= first.uint8(0);
            from = 1;
        }
        boolean weighted = first.has(Frame.WEIGHTED);
        int block = weighted ? from + PRIORITY_LENGTH : from;
        if (block > to) {
            throw padding();
        }
        this.dependsOnItself = weighted && first.int31(from) == streamId;
        add(first, block, to);
    }

    private static ConnectionFault padding() {
        return new ConnectionFault(
                Http2Error.PROTOCOL_ERROR, "a HEADERS frame is shorter than its padding");
    }

    void add(Frame continuation) {
        add(continuation, 0, continuation.length());
    }

    private void add(Frame frame, int from, int to) {
        frames++;
        if (frames > MAX_FRAMES || bytes.size() + to - from > MAX_BYTES) {
            throw new ConnectionFault(
                    Http2Error.ENHANCE_YOUR_CALM,
                    "a header block is longer than 16384 bytes or 16 frames");
        }
        bytes.write(frame.bytes(), frame.payload() + from, to - from);
    }

    int streamId() {
        return streamId;
    }

    boolean endsStream() {
        return endsStream;
    }

    /** Whether the stream was made to depend on itself: RFC 7540, section 5.3.1. */
    boolean dependsOnItself() {
        return dependsOnItself;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
