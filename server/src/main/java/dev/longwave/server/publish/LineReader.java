package dev.longwave.server.publish;

import dev.longwave.server.http.Allowance;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Splits a stream of bytes into lines as they come, each within a bound. For one thread. */
final class LineReader implements AutoCloseable {

    private static final int INITIAL_BYTES = 8 << 10;

    /** What a line of application/json-seq begins with: RFC 7464. */
    static final byte RECORD_SEPARATOR = 0x1e;

    private final InputStream input;
    private final int maxBytes;
    private final Allowance allowance;
    private final Pauses pauses;
    private byte[] buffer = new byte[INITIAL_BYTES];
    private int start; // of the line that is not yet given
    private int end; // of what was read
    private boolean atEnd;
    private boolean mayPause;

    /** Learns whether the client is between two lines, where it may pause, or within one. */
    interface Pauses {

        /** Called when that changes: first with true, and with false in the end. */
        void allow(boolean allowed);
    }

    /** A line without its end; the bytes hold until the next one is asked for. */
    @SuppressWarnings("ArrayRecordComponent") // a view, used before the next line is read
    record Line(byte[] bytes, int offset, int length) {

        boolean isBlank() {
            for (int i = offset; i < offset + length; i++) {
                if (bytes[i] != ' '
                        && bytes[i] != '\t'
                        && bytes[i] != '\r'
                        && bytes[i] != RECORD_SEPARATOR) {
                    return false;
                }
            }
            return true;
        }
    }

    /** A line is longer than the bound. */
    static final class LineTooLongException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /**
     * @param allowance for what a long line needs; it is given back after that line
     */
    LineReader(InputStream input, int maxBytes, Allowance allowance, Pauses pauses) {
        this.input = input;
        this.maxBytes = maxBytes;
        this.allowance = allowance;
        this.pauses = pauses;
    }

    /** Whether a whole line is there, so that {@link #next()} will not wait. */
    boolean hasLine() {
        for (int i = start; i < end; i++) {
            if (buffer[i] == '\n') {
                return true;
            }
        }
        return atEnd;
    }

    /**
     * The next line, or null at the end. Blocks until one is there whole.
     *
     * @throws dev.longwave.server.http.ProblemException if there is no memory left for it
     */
    @Nullable Line next() throws IOException {
        int searched = start;
        while (true) {
            for (int i = searched; i < end; i++) {
                if (buffer[i] == '\n') {
                    var line = new Line(buffer, start, i - start);
                    start = i + 1;
                    return line;
                }
            }
            if (atEnd) {
                var last = new Line(buffer, start, end - start);
                start = end;
                return last.length() == 0 ? null : last;
            }
            if (end - start > maxBytes) {
                throw new LineTooLongException();
            }
            int length = end - start;
            read();
            searched = start + length;
        }
    }

    private void read() throws IOException {
        makeRoom();
        allowPause(end == 0);
        int count = input.read(buffer, end, buffer.length - end);
        if (count < 0) {
            atEnd = true;
        } else {
            end += count;
        }
    }

    private void makeRoom() {
        if (start == end && buffer.length > INITIAL_BYTES) {
            buffer = new byte[INITIAL_BYTES];
            allowance.giveBack();
        } else if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
        }
        end -= start;
        start = 0;
        if (end == buffer.length) {
            allowance.take(buffer.length);
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
    }

    private void allowPause(boolean allowed) {
        if (allowed != mayPause) {
            mayPause = allowed;
            pauses.allow(allowed);
        }
    }

    /** Takes the last permission to pause back. The input stays open. */
    @Override
    public void close() {
        allowPause(false);
    }
}
