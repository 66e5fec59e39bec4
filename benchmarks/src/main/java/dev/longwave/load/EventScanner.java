package dev.longwave.load;

import java.nio.ByteBuffer;

/**
 * Finds the load generator's own events in an event stream, which may arrive in pieces of any
 * length.
 *
 * <p>Not a parser for general use, but one for speed: it reads fixed columns, allocates nothing and
 * decodes nothing, so that 100,000 streams cost the load generator less than the server under test.
 * The product's parser is {@code EventStreamParser} in {@code cli}.
 */
final class EventScanner {
    /** Receives what the scanner finds. */
    interface Sink {
        /** An event of the load generator is complete. */
        void event(long sequence, long dueAt);

        /** A line of data that the load generator did not send, such as that of a gap event. */
        void foreign();

        /** A comment begins, such as a heartbeat's. */
        void comment();
    }

    /*
     * A state machine over bytes whose whole state is three numbers, so that nothing is carried
     * over between reads, and a stream costs 40 bytes. The grammar is that of the HTML standard
     * ("9.2.5 Parsing an event stream"), as far as it matters here: an event is dispatched by the
     * empty line after its data.
     */
    private static final byte[] FIELD = {'d', 'a', 't', 'a', ':'};

    private static final int SEQUENCE_STARTS = FIELD.length + 1;
    private static final int TIME_STARTS = SEQUENCE_STARTS + EventData.SEQUENCE_DIGITS;
    private static final int TIME_ENDS = TIME_STARTS + EventData.TIME_DIGITS;
    private static final int OTHER_LINE = TIME_ENDS + 1;

    private static final long NEWLINES = 0x0A0A0A0A0A0A0A0AL;
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private final Sink sink;
    private int column; // in the line, as far as it is one of ours; else OTHER_LINE
    private long sequence;
    private long dueAt;
    private boolean pending;

    EventScanner(Sink sink) {
        this.sink = sink;
    }

    /** Reads the bytes of {@code buffer} from {@code from} to before {@code to}. */
    void scan(ByteBuffer buffer, int from, int to) {
        int at = from;
        while (at < to) {
            if (column >= TIME_ENDS) {
                at = newline(buffer, at, to);
                if (at < to) {
                    column = 0;
                    at++;
                }
            } else {
                step(buffer.get(at++));
            }
        }
    }

    private void step(byte next) {
        if (next == '\n') {
            if (column == 0) {
                dispatch();
            } else if (column >= FIELD.length) {
                sink.foreign();
            }
            column = 0;
        } else if (column >= SEQUENCE_STARTS) {
            digit(next);
        } else if (column == FIELD.length) {
            column++;
            if (next != ' ') {
                digit(next);
            }
        } else if (next == FIELD[column]) {
            column++;
        } else if (column != 0 || next != '\r') {
            if (column == 0 && next == ':') {
                sink.comment();
            }
            column = OTHER_LINE;
        }
    }

    private void digit(byte next) {
        int value = next - '0';
        if (value < 0 || value > 9) {
            sink.foreign();
            column = OTHER_LINE;
            return;
        }
        if (column < TIME_STARTS) {
            sequence = (column == SEQUENCE_STARTS ? 0 : sequence * 10) + value;
        } else {
            dueAt = (column == TIME_STARTS ? 0 : dueAt * 10) + value;
        }
        column++;
        pending |= column == TIME_ENDS;
    }

    private void dispatch() {
        if (pending) {
            pending = false;
            sink.event(sequence, dueAt);
        }
    }

    /** {@return where the next newline is, or {@code to}} Eight bytes at a time. */
    static int newline(ByteBuffer buffer, int from, int to) {
        int at = from;
        while (at + Long.BYTES <= to) {
            long difference = buffer.getLong(at) ^ NEWLINES;
            if (((difference - ONES) & ~difference & HIGH_BITS) != 0) {
                break;
            }
            at += Long.BYTES;
        }
        while (at < to && buffer.get(at) != '\n') {
            at++;
        }
        return at;
    }
}
