package dev.longwave.server.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Decodes the parts of URLs: RFC 3986, section 2.1. Nothing is replaced or guessed. */
final class PercentEncoding {

    /** What decoders put in place of bytes that are not UTF-8. */
    private static final char REPLACED = '\uFFFD';

    private PercentEncoding() {}

    /**
     * {@return the text that {@code raw} stands for}
     *
     * @param form whether {@code +} is a space, as in queries
     * @throws CharacterCodingException if an escape is broken, or the bytes are not UTF-8
     */
    static String decoded(String raw, boolean form) throws CharacterCodingException {
        if (isPlain(raw, form)) {
            return raw;
        }
        if (raw.indexOf(REPLACED) >= 0) {
            throw new CharacterCodingException(); // replaced before it came here
        }
        ByteBuffer given = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(raw));
        var bytes = new ByteArrayOutputStream(given.remaining());
        while (given.hasRemaining()) {
            byte next = given.get();
            if (next == '%') {
                bytes.write(escaped(given));
            } else {
                bytes.write(form && next == '+' ? ' ' : next);
            }
        }
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes.toByteArray()))
                .toString();
    }

    private static boolean isPlain(String raw, boolean form) {
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%' || c > '~' || (form && c == '+')) {
                return false;
            }
        }
        return true;
    }

    private static int escaped(ByteBuffer rest) throws CharacterCodingException {
        if (rest.remaining() < 2) {
            throw new CharacterCodingException();
        }
        return digit(rest.get()) << 4 | digit(rest.get());
    }

    private static int digit(byte hex) throws CharacterCodingException {
        int digit = hex < 0 ? -1 : Character.digit(hex, 16);
        if (digit < 0) {
            throw new CharacterCodingException();
        }
        return digit;
    }
}
