package dev.longwave.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * Splits a stream into lines. LF ends a line, and a CR before it is not part of the line; a lone CR
 * is. Never waits for more than the line needs. For one thread.
 */
final class LineInput {

    static final int MAX_LINE_BYTES = 1 << 20;

    private final InputStream in;
    private final byte[] read = new byte[64 << 10];
    private int position;
    private int limit;

    /** A line is longer than the bound; the next one can be read. */
    static final class LineTooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        LineTooLongException() {
            super("the line is too long maxBytes=" + MAX_LINE_BYTES);
        }
    }

    LineInput(InputStream in) {
        this.in = in;
    }

    /**
     * {@return the next line, nothing at the end}
     *
     * @throws LineTooLongException if the line is too long
     * @throws IOException if it cannot be read
     */
    Optional<byte[]> next() throws IOException {
        var line = new ByteArrayOutputStream();
        boolean tooLong = false;
        while (true) {
            if (position == limit && !fill()) {
                return line.size() == 0 && !tooLong
                        ? Optional.empty()
                        : Optional.of(whole(line, tooLong));
            }
            int start = position;
            while (position < limit && read[position] != '\n') {
                position++;
            }
            tooLong |= line.size() + position - start > MAX_LINE_BYTES;
            if (!tooLong) {
                line.write(read, start, position - start);
            }
            if (position < limit) {
                position++;
                return Optional.of(whole(line, tooLong));
            }
        }
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = Math.max(in.read(read), 0);
        return limit > 0;
    }

    private static byte[] whole(ByteArrayOutputStream line, boolean tooLong)
            throws LineTooLongException {
        if (tooLong) {
            throw new LineTooLongException();
        }
        byte[] bytes = line.toByteArray();
        boolean carriageReturn = bytes.length > 0 && bytes[bytes.length - 1] == '\r';
        return carriageReturn ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
    }
}
