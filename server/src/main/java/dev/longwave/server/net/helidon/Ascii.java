package dev.longwave.server.net.helidon;

import java.nio.charset.StandardCharsets;

/** Reads ASCII out of bytes, without making text of it. */
final class Ascii {

    private static final int LIMIT = 0x80;
    private static final boolean[] TOKEN =
            table(
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                            + "!#$%&'*+-.^_`|~");

    private Ascii() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A table that is true at each of these characters. */
    static boolean[] table(String characters) {
        var table = new boolean[LIMIT];
        characters.chars().forEach(c -> table[c] = true);
        return table;
    }

    /** Whether {@code b} can be in a token: RFC 9110, section 5.6.2. */
    static boolean isToken(byte b) {
        return b >= 0 && TOKEN[b];
    }

    /** Whether {@code b} is a control character, other than a tab. */
    static boolean isControl(byte b) {
        return (b >= 0 && b < ' ' && b != '\t') || b == 0x7f;
    }

    /** Whether a part of {@code bytes} is {@code lowerCase}, in any case. */
    static boolean equalsIgnoreCase(byte[] bytes, int from, int to, byte[] lowerCase) {
        if (to - from != lowerCase.length) {
            return false;
        }
        for (int i = 0; i < lowerCase.length; i++) {
            int b = bytes[from + i];
            if (b != lowerCase[i] && (b < 'A' || b > 'Z' || (b | 0x20) != lowerCase[i])) {
                return false;
            }
        }
        return true;
    }

    /** Whether a part of {@code bytes} begins with {@code lowerCase}, in any case. */
    static boolean startsWithIgnoreCase(byte[] bytes, int from, int to, byte[] lowerCase) {
        return to - from >= lowerCase.length
                && equalsIgnoreCase(bytes, from, from + lowerCase.length, lowerCase);
    }

    /** Where what is not white space begins, from {@code from} on. */
    static int skipSpace(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && (bytes[i] == ' ' || bytes[i] == '\t')) {
            i++;
        }
        return i;
    }

    /** Where what is not white space ends, before {@code to}. */
    static int trimSpace(byte[] bytes, int from, int to) {
        int i = to;
        while (i > from && (bytes[i - 1] == ' ' || bytes[i - 1] == '\t')) {
            i--;
        }
        return i;
    }
}
