package dev.longwave.server.net.helidon;

/**
 * What the header of a frame must be, whatever the state of its stream: RFC 9113, section 6.
 *
 * <p>Helidon looks at most of it, but answers some of it with the wrong error code, and some by
 * waiting for more.
 */
final class FrameRules {

    private static final int PRIORITY_LENGTH = 5;
    private static final int RESET_LENGTH = 4;
    private static final int SETTING_LENGTH = 6;
    private static final int PING_LENGTH = 8;
    private static final int MIN_GOAWAY_LENGTH = 8;
    private static final int WINDOW_UPDATE_LENGTH = 4;

    private FrameRules() {}

    /**
     * Checks a frame.
     *
     * @throws ConnectionFault if the connection must end
     */
    static void check(Frame frame) {
        checkStream(frame);
        checkLength(frame);
    }

    private static void checkStream(Frame frame) {
        int id = frame.streamId();
        switch (frame.type()) {
            case Frame.DATA,
                    Frame.HEADERS,
                    Frame.PRIORITY,
                    Frame.RST_STREAM,
                    Frame.CONTINUATION -> {
                if (id == 0) {
                    throw protocolError("a frame of a stream is on stream 0");
                }
            }
            case Frame.SETTINGS, Frame.PING, Frame.GOAWAY -> {
                if (id != 0) {
                    throw protocolError("a frame of the connection is on a stream");
                }
            }
            case Frame.PUSH_PROMISE -> throw protocolError("a client cannot push");
            default -> {
                // WINDOW_UPDATE is on both; what is unknown is ignored.
            }
        }
    }

    private static void checkLength(Frame frame) {
        int length = frame.length();
        boolean right =
                switch (frame.type()) {
                    // A wrong PRIORITY is an error of its stream only.
                    case Frame.RST_STREAM -> length == RESET_LENGTH;
                    case Frame.SETTINGS ->
                            frame.has(Frame.ACK) ? length == 0 : length % SETTING_LENGTH == 0;
                    case Frame.PING -> length == PING_LENGTH;
                    case Frame.GOAWAY -> length >= MIN_GOAWAY_LENGTH;
                    case Frame.WINDOW_UPDATE -> length == WINDOW_UPDATE_LENGTH;
                    default -> true;
                };
        if (!right) {
            throw new ConnectionFault(
                    Http2Error.FRAME_SIZE_ERROR, "a frame does not have the length of its type");
        }
        if (frame.type() == Frame.DATA
                && frame.has(Frame.PADDED)
                && (length == 0 || frame.uint8(0) >= length)) {
            throw protocolError("a DATA frame is shorter than its padding");
        }
    }

    /** Whether a PRIORITY frame has the length that it must have: section 6.3. */
    static boolean isWholePriority(Frame frame) {
        return frame.length() == PRIORITY_LENGTH;
    }

    /** How much of a DATA frame is data. */
    static int dataLength(Frame frame) {
        return frame.has(Frame.PADDED) ? frame.length() - 1 - frame.uint8(0) : frame.length();
    }

    private static ConnectionFault protocolError(String words) {
        return new ConnectionFault(Http2Error.PROTOCOL_ERROR, words);
    }
}
