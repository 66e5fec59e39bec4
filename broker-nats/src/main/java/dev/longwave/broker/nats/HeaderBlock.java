package dev.longwave.broker.nats;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Repairs the headers of messages of other applications.
 *
 * <p>Servers pass on any bytes as headers, and some client libraries send them: a value in UTF-8,
 * for example. The library used here rejects them by closing the connection, each time that it
 * receives the message. So headers are repaired before the library sees them.
 */
final class HeaderBlock {
    /*
     * A block is a line with the version, possibly followed by a status; lines with a name, a colon,
     * and a value; and an empty line. Each line ends with CR LF. Names are printable ASCII without
     * spaces and colons, values printable ASCII. In a repaired block, all other bytes of values are
     * percent-encoded, and lines without a proper name are left out.
     */
    private static final byte[] VERSION = "NATS/1.0".getBytes(StandardCharsets.US_ASCII);
    private static final int STATUS_DIGITS = 3;
    private static final byte[] END_OF_LINE = {'\r', '\n'};
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private HeaderBlock() {}

    /** {@return {@code block} if it is well-formed, or else a repaired copy} */
    static byte[] repaired(byte[] block) {
        return isWellFormed(block) ? block : repair(block);
    }

    private static boolean isWellFormed(byte[] block) {
        int end = endOfLine(block, 0);
        if (end < 0 || !isFirstLine(block, end)) {
            return false;
        }
        int start = end + END_OF_LINE.length;
        end = endOfLine(block, start);
        while (end > start) {
            int colon = colon(block, start, end);
            if (colon < 0 || !isPrintable(block, colon + 1, end)) {
                return false;
            }
            start = end + END_OF_LINE.length;
            end = endOfLine(block, start);
        }
        return end == start && end + END_OF_LINE.length == block.length;
    }

    private static byte[] repair(byte[] block) {
        var repaired = new ByteArrayOutputStream(block.length + 64);
        int end = lineEnd(block, 0);
        boolean hasStatus = isFirstLine(block, end);
        repaired.write(hasStatus ? block : VERSION, 0, hasStatus ? end : VERSION.length);
        repaired.writeBytes(END_OF_LINE);
        int start = Math.min(end + END_OF_LINE.length, block.length);
        while (start < block.length) {
            end = lineEnd(block, start);
            int colon = colon(block, start, end);
            if (colon >= 0) {
                repaired.write(block, start, colon + 1 - start);
                writeValue(block, colon + 1, end, repaired);
                repaired.writeBytes(END_OF_LINE);
            }
            start = end + END_OF_LINE.length;
        }
        repaired.writeBytes(END_OF_LINE);
        return repaired.toByteArray();
    }

    private static void writeValue(byte[] block, int from, int to, ByteArrayOutputStream out) {
        for (int i = from; i < to; i++) {
            if (isPrintable(block[i])) {
                out.write(block[i]);
            } else {
                out.write('%');
                out.writeBytes(HEX.toHexDigits(block[i]).getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    /** {@return whether the line up to {@code end} is the version, alone or with a status} */
    private static boolean isFirstLine(byte[] block, int end) {
        if (end < VERSION.length) {
            return false;
        }
        for (int i = 0; i < VERSION.length; i++) {
            if (block[i] != VERSION[i]) {
                return false;
            }
        }
        if (end == VERSION.length) {
            return true;
        }
        int digits = VERSION.length + 1;
        int rest = digits + STATUS_DIGITS;
        if (block[VERSION.length] != ' ' || rest > end || (rest < end && block[rest] != ' ')) {
            return false;
        }
        for (int i = digits; i < rest; i++) {
            if (block[i] < '0' || block[i] > '9') {
                return false;
            }
        }
        return isPrintable(block, rest, end);
    }

    /** {@return the index of the colon after a proper name, or -1} */
    private static int colon(byte[] block, int start, int end) {
        for (int i = start; i < end; i++) {
            if (block[i] == ':') {
                return i > start ? i : -1;
            }
            if (block[i] == ' ' || !isPrintable(block[i])) {
                return -1;
            }
        }
        return -1;
    }

    /** {@return the index of the next CR LF, or -1} */
    private static int endOfLine(byte[] block, int start) {
        for (int i = start; i + 1 < block.length; i++) {
            if (block[i] == '\r' && block[i + 1] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static int lineEnd(byte[] block, int start) {
        int end = endOfLine(block, start);
        return end < 0 ? block.length : end;
    }

    private static boolean isPrintable(byte[] block, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!isPrintable(block[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPrintable(byte b) {
        return b >= ' ' && b < 0x7f;
    }
}
