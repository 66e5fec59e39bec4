package dev.longwave.server.http;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** Checks that a JSON text is Unicode: RFC 8259, section 8. */
final class JsonText {
    /*
     * Jackson takes other encodings than UTF-8, and what UTF-8 forbids, and escapes of half a character. All of them
     * would become "?" further on. Backslashes are only in strings, so escapes can be found without parsing. UTF-16 and
     * UTF-32 are found by their zero bytes: no JSON text has any in UTF-8.
     */
    private static final int CHARS_AT_ONCE = 512;
    private static final int ESCAPE_LENGTH = 6;

    private JsonText() {}

    /** {@return whether a parser finds nothing but whole characters} */
    static boolean isUnicode(byte[] bytes, int offset, int length) {
        int end = offset + length;
        boolean ascii = true;
        for (int i = offset; i < end; i++) {
            byte next = bytes[i];
            if (next <= 0) {
                if (next == 0) {
                    return false;
                }
                ascii = false;
            } else if (next == '\\') {
                char escaped = escaped(bytes, i, end);
                if (Character.isHighSurrogate(escaped)
                        && Character.isLowSurrogate(escaped(bytes, i + ESCAPE_LENGTH, end))) {
                    i += 2 * ESCAPE_LENGTH - 1;
                } else if (Character.isSurrogate(escaped)) {
                    return false;
                } else {
                    i++; // an escaped backslash begins no escape
                }
            }
        }
        return ascii || decodes(ByteBuffer.wrap(bytes, offset, length));
    }

    /** The UTF-16 unit that is escaped at {@code at}, or 0 if none is. */
    private static char escaped(byte[] bytes, int at, int end) {
        if (end - at < ESCAPE_LENGTH || bytes[at] != '\\' || bytes[at + 1] != 'u') {
            return 0;
        }
        int unit = 0;
        for (int i = at + 2; i < at + ESCAPE_LENGTH; i++) {
            int digit = bytes[i] < 0 ? -1 : Character.digit(bytes[i], 16);
            if (digit < 0) {
                return 0; // for the parser to refuse
            }
            unit = unit << 4 | digit;
        }
        return (char) unit;
    }

    private static boolean decodes(ByteBuffer bytes) {
        var decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer chars = CharBuffer.allocate(CHARS_AT_ONCE);
        while (true) {
            CoderResult result = decoder.decode(bytes, chars, true);
            if (!result.isOverflow()) {
                return !result.isError();
            }
            chars.clear();
        }
    }
}
