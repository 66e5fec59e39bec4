package dev.longwave.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Finds the load generator's own events in the messages of a WebSocket, which may arrive in pieces
 * of any length. As {@link EventScanner}, it reads fixed columns and decodes nothing.
 */
final class MessageScanner {
    /** Receives what the scanner finds. */
    interface Sink {
        /** An event of the load generator is complete. */
        void event(long sequence, long dueAt);

        /**
         * A message that is no event is complete.
         *
         * @param beginning its first {@value MessageScanner#BEGINNING_BYTES} bytes
         */
        void other(String beginning) throws IOException;
    }

    /** How much of a message without an event is kept. */
    static final int BEGINNING_BYTES = 128;

    private static final int TIME_STARTS = EventData.SEQUENCE_DIGITS;
    private static final int TIME_ENDS = TIME_STARTS + EventData.TIME_DIGITS;
    private static final int NO_EVENT = TIME_ENDS + 1;

    private final Sink sink;
    private final byte[] marker;
    private final boolean lines;
    private final byte[] beginning = new byte[BEGINNING_BYTES];
    private int length; // of the beginning
    private int matched; // bytes of the marker
    private int digits;
    private long sequence;
    private long dueAt;

    /**
     * @param marker what stands before an event's data: nothing, or bytes of which the first occurs
     *     in it once
     * @param lines whether several messages, one a line, may come as one
     */
    MessageScanner(Sink sink, byte[] marker, boolean lines) {
        this.sink = sink;
        this.marker = marker.clone();
        this.lines = lines;
    }

    /** Reads the bytes of {@code buffer} from {@code from} to before {@code to}. */
    void scan(ByteBuffer buffer, int from, int to) throws IOException {
        int at = from;
        while (at < to) {
            if (digits >= TIME_ENDS) {
                if (!lines) {
                    return;
                }
                at = EventScanner.newline(buffer, at, to);
                if (at < to) {
                    at++;
                    end();
                }
            } else {
                step(buffer.get(at++));
            }
        }
    }

    private void step(byte next) throws IOException {
        if (lines && next == '\n') {
            end();
            return;
        }
        if (length < BEGINNING_BYTES) {
            beginning[length++] = next;
        }
        if (matched == marker.length) {
            digit(next);
        } else if (next == marker[matched]) {
            matched++;
        } else {
            matched = next == marker[0] ? 1 : 0;
        }
    }

    private void digit(byte next) {
        int value = next - '0';
        if (value < 0 || value > 9) {
            noEvent();
        } else if (digits < TIME_STARTS) {
            sequence = (digits == 0 ? 0 : sequence * 10) + value;
            digits++;
        } else {
            dueAt = (digits == TIME_STARTS ? 0 : dueAt * 10) + value;
            digits++;
        }
    }

    /** The marker was none: it may come later, or, if it is empty, not at all. */
    private void noEvent() {
        matched = 0;
        digits = marker.length == 0 ? NO_EVENT : 0;
    }

    /** The message is complete. */
    void end() throws IOException {
        boolean isEvent = digits == TIME_ENDS;
        int bytes = length;
        length = 0;
        matched = 0;
        digits = 0;
        if (isEvent) {
            sink.event(sequence, dueAt);
        } else if (bytes > 0) {
            sink.other(new String(beginning, 0, bytes, StandardCharsets.UTF_8));
        }
    }
}
