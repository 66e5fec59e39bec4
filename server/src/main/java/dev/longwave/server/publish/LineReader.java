package dev.longwave.server.publish;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Splits a stream of bytes into lines as they come, each within a bound. For one thread. */
final class LineReader {

    private static final int INITIAL_BYTES = 8 << 10;

    private final InputStream input;
    private final int maxBytes;
    private byte[] buffer = new byte[INITIAL_BYTES];
    private int start; // of the line that is not yet given
    private int end; // of what was read
    private boolean atEnd;

    /** A line without its end; the bytes hold until the next one is asked for. */
    @SuppressWarnings("ArrayRecordComponent") // a view, used before the next line is read
    record Line(byte[] bytes, int offset, int length) {

        boolean isBlank() {
            for (int i = offset; i < offset + length; i++) {
                if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
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

    LineReader(InputStream input, int maxBytes) {
        this.input = input;
        this.maxBytes = maxBytes;
    }

    /** The next line, or null at the end. Blocks until one is there whole. */
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
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        if (end == buffer.length) {
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        int count = input.read(buffer, end, buffer.length - end);
        if (count < 0) {
            atEnd = true;
        } else {
            end += count;
        }
    }
}
