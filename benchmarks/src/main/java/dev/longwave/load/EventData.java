package dev.longwave.load;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The data of the events: a sequence within the topic, when the event was due to be published, and
 * padding. One line of ASCII.
 */
final class EventData {
    /** Digits of the sequence. */
    static final int SEQUENCE_DIGITS = 10;

    /** Digits of the time, in nanoseconds. */
    static final int TIME_DIGITS = 16;

    /** Bytes before the padding. */
    static final int MARK = SEQUENCE_DIGITS + TIME_DIGITS;

    private final byte[] padding;

    EventData(int bytes) {
        padding = new byte[bytes - MARK];
        Arrays.fill(padding, (byte) 'x');
    }

    int bytes() {
        return MARK + padding.length;
    }

    void put(ByteBuffer out, long sequence, long dueAt) {
        digits(out, sequence, SEQUENCE_DIGITS);
        digits(out, dueAt, TIME_DIGITS);
        out.put(padding);
    }

    private static void digits(ByteBuffer out, long number, int count) {
        int start = out.position();
        long rest = number;
        for (int i = count - 1; i >= 0; i--) {
            out.put(start + i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        out.position(start + count);
    }
}
