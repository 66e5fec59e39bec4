package dev.longwave.server.net;

import java.nio.charset.StandardCharsets;

/** The framing of the body of a response in chunks: RFC 9112, section 7.1. */
public final class Chunks {

    /** The last chunk, which ends a response. */
    public static final byte[] LAST = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** How long what follows the data of a chunk is. */
    public static final int TRAILER_LENGTH = 2;

    /** A header of this length has room for any chunk: eight digits and CRLF. */
    public static final int LONGEST_HEADER = 8 + 2;

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private Chunks() {}

    /** {@return the length of the shortest header of a chunk with {@code length} bytes of data} */
    public static int headerLength(int length) {
        return digits(length) + 2;
    }

    /** Puts the shortest header at the beginning of {@code bytes}. */
    public static void putHeader(byte[] bytes, int length) {
        putHeader(bytes, length, digits(length));
    }

    /** Puts a header of {@link #LONGEST_HEADER} bytes at the beginning of {@code bytes}. */
    public static void putLongestHeader(byte[] bytes, int length) {
        putHeader(bytes, length, LONGEST_HEADER - 2);
    }

    private static void putHeader(byte[] bytes, int length, int digits) {
        for (int i = digits - 1; i >= 0; i--) {
            bytes[digits - 1 - i] = HEX[length >>> (4 * i) & 0xf];
        }
        putTrailer(bytes, digits);
    }

    /** Puts what follows a chunk's data. */
    public static void putTrailer(byte[] bytes, int at) {
        bytes[at] = '\r';
        bytes[at + 1] = '\n';
    }

    private static int digits(int value) {
        return Math.max(1, (35 - Integer.numberOfLeadingZeros(value)) / 4);
    }
}
