package dev.longwave.broker.nats;

import io.nats.client.impl.SocketDataPortWithWriteTimeout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A connection to a server that repairs the headers of incoming messages: see {@link HeaderBlock}.
 * Created by the client library, by its name. Reading is confined to one thread at a time.
 */
public final class HeaderRepairingPort extends SocketDataPortWithWriteTimeout {
    /*
     * What a server sends is a sequence of lines; MSG and HMSG lines end with the length of what
     * follows, HMSG lines also with that of the headers. `buffer` holds what has been received and
     * not yet returned, up to `end`. The next `passing` bytes are returned unchanged; after them comes
     * a line. An HMSG line waits in the buffer until its headers are complete.
     *
     * While it connects, the library reads single bytes, up to the end of a line, because TLS may
     * start after it: then nothing is buffered.
     */
    private static final int BUFFER_BYTES = 64 << 10;
    private static final byte[] MSG = {'M', 'S', 'G', ' '};
    private static final byte[] HMSG = {'H', 'M', 'S', 'G', ' '};
    private static final int END_OF_LINE = 2; // bytes

    private byte[] buffer = new byte[BUFFER_BYTES];
    private int start;
    private int end;
    private long passing;

    /** A port, not connected. */
    public HeaderRepairingPort() {}

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (start == end && (passing > 0 || length == 1)) {
            int direct = super.read(target, offset, atMost(length, length == 1 ? 1 : passing));
            passing = Math.max(0, passing - Math.max(0, direct));
            return direct;
        }
        while (passing == 0) {
            if (!frame() && !receive()) {
                passing = (long) end - start; // the end of the stream, within a line
                if (passing == 0) {
                    return -1;
                }
            }
        }
        int count = Math.min(atMost(length, passing), end - start);
        System.arraycopy(buffer, start, target, offset, count);
        start += count;
        passing -= count;
        return count;
    }

    private static int atMost(int length, long passing) {
        return (int) Math.min(length, passing);
    }

    /** Receives more. Returns false at the end of the stream. */
    private boolean receive() throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        if (end == buffer.length) {
            buffer = Arrays.copyOf(buffer, 2 * end);
        }
        int count = super.read(buffer, end, buffer.length - end);
        end += Math.max(0, count);
        return count >= 0;
    }

    /** Finds out how many bytes to pass on next. Returns false if more must be received first. */
    private boolean frame() {
        int lineEnd = start;
        while (lineEnd < end && buffer[lineEnd] != '\n') {
            lineEnd++;
        }
        if (lineEnd == end) {
            return false;
        }
        int lineLength = lineEnd + 1 - start;
        if (startsWith(HMSG)) {
            String[] words = line(lineLength).split(" +", -1);
            int headers = number(words, 2);
            int all = number(words, 1);
            if (headers >= 0 && all >= headers) {
                return frame(words, lineLength, headers, all);
            }
        } else if (startsWith(MSG)) {
            passing = lineLength;
            int all = number(line(lineLength).split(" +", -1), 1);
            passing += all >= 0 ? all + (long) END_OF_LINE : 0;
            return true;
        }
        passing = lineLength;
        return true;
    }

    @SuppressWarnings("ReferenceEquality") // what needs no repair is returned as it is
    private boolean frame(String[] words, int lineLength, int headers, int all) {
        if (end - start - lineLength < headers) {
            return false;
        }
        int from = start + lineLength;
        byte[] block = Arrays.copyOfRange(buffer, from, from + headers);
        byte[] repaired = HeaderBlock.repaired(block);
        if (repaired == block) {
            passing = (long) lineLength + all + END_OF_LINE;
        } else {
            words[words.length - 2] = Integer.toString(repaired.length);
            words[words.length - 1] = Integer.toString(all - headers + repaired.length);
            byte[] line = (String.join(" ", words) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
            replace(lineLength + headers, line, repaired);
            passing = (long) line.length + repaired.length + all - headers + END_OF_LINE;
        }
        return true;
    }

    private void replace(int length, byte[] line, byte[] headers) {
        int rest = end - start - length;
        var replaced = new byte[Math.max(BUFFER_BYTES, line.length + headers.length + rest)];
        System.arraycopy(line, 0, replaced, 0, line.length);
        System.arraycopy(headers, 0, replaced, line.length, headers.length);
        System.arraycopy(buffer, start + length, replaced, line.length + headers.length, rest);
        buffer = replaced;
        start = 0;
        end = line.length + headers.length + rest;
    }

    private boolean startsWith(byte[] operation) {
        return end - start >= operation.length
                && Arrays.equals(
                        buffer, start, start + operation.length, operation, 0, operation.length);
    }

    /** {@return the line without its end} */
    private String line(int length) {
        return new String(buffer, start, length, StandardCharsets.ISO_8859_1).stripTrailing();
    }

    /** {@return the number that is the {@code fromEnd}th word from the end, or -1} */
    private static int number(String[] words, int fromEnd) {
        try {
            return Integer.parseInt(words[words.length - fromEnd]);
        } catch (NumberFormatException _) {
            return -1; // the library will report it
        }
    }
}
