package dev.longwave.server.net.helidon;

import java.io.ByteArrayOutputStream;
import java.util.OptionalInt;

/**
 * The settings in a SETTINGS frame: RFC 9113, section 6.5.
 *
 * <p>Helidon reads on in the middle of a setting that it does not know (browsers send some), and
 * goes on with a window that it has called too large.
 */
final class ClientSettings {

    private static final int LENGTH = 6;
    private static final int VALUE = 2;

    private static final int HEADER_TABLE_SIZE = 1;
    private static final int ENABLE_PUSH = 2;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int MAX_FRAME_SIZE = 5;
    private static final int MAX_HEADER_LIST_SIZE = 6;

    private static final int MIN_FRAME_SIZE = 1 << 14;
    private static final int MAX_FRAME_SIZE_BOUND = (1 << 24) - 1;

    private final byte[] known;
    private final OptionalInt initialWindow;

    private ClientSettings(byte[] known, OptionalInt initialWindow) {
        this.known = known;
        this.initialWindow = initialWindow;
    }

    /**
     * The settings in {@code frame}.
     *
     * @throws ConnectionFault if a value cannot be
     */
    static ClientSettings of(Frame frame) {
        var known = new ByteArrayOutputStream(frame.length());
        var initialWindow = OptionalInt.empty();
        for (int at = 0; at < frame.length(); at += LENGTH) {
            int id = frame.uint16(at);
            if (id >= HEADER_TABLE_SIZE && id <= MAX_HEADER_LIST_SIZE) {
                long value = frame.uint32(at + VALUE);
                check(id, value);
                known.write(frame.bytes(), frame.payload() + at, LENGTH);
                if (id == INITIAL_WINDOW_SIZE) {
                    initialWindow = OptionalInt.of((int) value);
                }
            }
        }
        return new ClientSettings(known.toByteArray(), initialWindow);
    }

    /** A frame of those that the engine knows. */
    byte[] known() {
        return Frame.of(Frame.SETTINGS, 0, 0, known);
    }

    /** SETTINGS_INITIAL_WINDOW_SIZE, if it is among them. */
    OptionalInt initialWindow() {
        return initialWindow;
    }

    private static void check(int id, long value) {
        if (id == ENABLE_PUSH && value > 1) {
            throw new ConnectionFault(
                    Http2Error.PROTOCOL_ERROR, "SETTINGS_ENABLE_PUSH is neither 0 nor 1");
        }
        if (id == INITIAL_WINDOW_SIZE && value > Integer.MAX_VALUE) {
            throw new ConnectionFault(
                    Http2Error.FLOW_CONTROL_ERROR, "SETTINGS_INITIAL_WINDOW_SIZE is too large");
        }
        if (id == MAX_FRAME_SIZE && (value < MIN_FRAME_SIZE || value > MAX_FRAME_SIZE_BOUND)) {
            throw new ConnectionFault(
                    Http2Error.PROTOCOL_ERROR, "SETTINGS_MAX_FRAME_SIZE is out of its range");
        }
    }
}
