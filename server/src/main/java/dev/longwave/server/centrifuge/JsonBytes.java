package dev.longwave.server.centrifuge;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** JSON text in UTF-8, as it is put together. */
final class JsonBytes {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final ByteArrayOutputStream bytes;

    JsonBytes(int size) {
        bytes = new ByteArrayOutputStream(size);
    }

    /** Adds characters of ASCII as they are. */
    JsonBytes raw(String ascii) {
        bytes.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    /** Adds JSON text as it is. */
    JsonBytes raw(byte[] json) {
        bytes.writeBytes(json);
        return this;
    }

    JsonBytes number(long number) {
        return raw(Long.toString(number));
    }

    /** Adds text as a string. */
    JsonBytes string(String text) {
        return string(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds text, in UTF-8, as a string. */
    JsonBytes string(byte[] utf8) {
        bytes.write('"');
        int plain = 0; // where what needs no escape begins
        for (int i = 0; i < utf8.length; i++) {
            byte b = utf8[i];
            if (b == '"' || b == '\\' || (b >= 0 && b < ' ')) {
                bytes.write(utf8, plain, i - plain);
                plain = i + 1;
                escape(b);
            }
        }
        bytes.write(utf8, plain, utf8.length - plain);
        bytes.write('"');
        return this;
    }

    private void escape(byte b) {
        bytes.write('\\');
        switch (b) {
            case '"', '\\' -> bytes.write(b);
            case '\n' -> bytes.write('n');
            case '\r' -> bytes.write('r');
            case '\t' -> bytes.write('t');
            default -> {
                raw("u00");
                bytes.write(HEX[b >> 4]);
                bytes.write(HEX[b & 0xf]);
            }
        }
    }

    int length() {
        return bytes.size();
    }

    byte[] toArray() {
        return bytes.toByteArray();
    }
}
