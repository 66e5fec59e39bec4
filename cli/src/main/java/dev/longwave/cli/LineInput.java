package dev.longwave.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Splits a stream into lines of UTF-8. LF ends a line, and a CR before it is not part of the line;
 * a lone CR is. Never waits for more than the line needs. For one thread.
 */
final class LineInput {

    static final int MAX_LINE_BYTES = 1 << 20;

    private final InputStream in;
    private final byte[] read = new byte[64 << 10];
    private int position;
    private int limit;

    LineInput(InputStream in) {
        this.in = in;
    }

    /**
     * {@return the next line, nothing at the end}
     *
     * @throws IOException if the line is too long or cannot be read
     */
    Optional<String> next() throws IOException {
        var line = new ByteArrayOutputStream();
        while (true) {
            if (position == limit) {
                limit = in.read(read);
                position = 0;
                if (limit < 0) {
                    limit = 0;
                    return line.size() == 0 ? Optional.empty() : Optional.of(text(line));
                }
            }
            int start = position;
            while (position < limit && read[position] != '\n') {
                position++;
            }
            line.write(read, start, position - start);
            if (line.size() > MAX_LINE_BYTES) {
                throw new IOException("too long max=" + MAX_LINE_BYTES);
            }
            if (position < limit) {
                position++;
                return Optional.of(text(line));
            }
        }
    }

    private static String text(ByteArrayOutputStream line) {
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }
}
