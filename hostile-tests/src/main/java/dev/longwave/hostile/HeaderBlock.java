package dev.longwave.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A header block, as RFC 7541 writes it, with anything in it. */
final class HeaderBlock {

    // RFC 7541, appendix A.
    private static final int AUTHORITY = 1;
    private static final int METHOD = 2;
    private static final int METHOD_GET = 2;
    private static final int METHOD_POST = 3;
    private static final int PATH = 4;
    private static final int SCHEME_HTTP = 6;

    /** The first entry of the dynamic table. */
    static final int FIRST_DYNAMIC = 62;

    private static final int INDEXED = 0x80;
    private static final int ENTERED = 0x40;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** {@return a block that is still empty} */
    static HeaderBlock empty() {
        return new HeaderBlock();
    }

    /** {@return the pseudo-headers of a GET request} */
    static HeaderBlock get(String path) {
        return empty().indexed(METHOD_GET).rest(path);
    }

    /** {@return the pseudo-headers of a POST request} */
    static HeaderBlock post(String path) {
        return empty().indexed(METHOD_POST).rest(path);
    }

    /** {@return the pseudo-headers of a request with a method that may be none} */
    static HeaderBlock request(String method, String path) {
        return empty().named(METHOD, method).rest(path);
    }

    private HeaderBlock rest(String path) {
        return indexed(SCHEME_HTTP).named(PATH, path).named(AUTHORITY, "localhost");
    }

    /** Adds a reference to an entry of the tables. */
    HeaderBlock indexed(int index) {
        integer(INDEXED, 7, index);
        return this;
    }

    /** Adds a reference, many times over. */
    HeaderBlock indexed(int index, int times) {
        for (int i = 0; i < times; i++) {
            indexed(index);
        }
        return this;
    }

    /** Adds a literal with a name from the static table. */
    HeaderBlock named(int index, String value) {
        integer(0, 4, index);
        string(value);
        return this;
    }

    /** Adds a literal. */
    HeaderBlock with(String name, String value) {
        bytes.write(0);
        string(name);
        string(value);
        return this;
    }

    /** Adds a literal, and has the other side enter it in its dynamic table. */
    HeaderBlock entered(String name, String value) {
        bytes.write(ENTERED);
        string(name);
        string(value);
        return this;
    }

    /** Adds any bytes. */
    HeaderBlock raw(byte[] some) {
        bytes.writeBytes(some);
        return this;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    private void string(String text) {
        byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
        integer(0, 7, octets.length);
        bytes.writeBytes(octets);
    }

    /** RFC 7541, section 5.1. */
    private void integer(int flags, int prefixBits, int value) {
        int max = (1 << prefixBits) - 1;
        if (value < max) {
            bytes.write(flags | value);
            return;
        }
        bytes.write(flags | max);
        int rest = value - max;
        for (; rest >= 128; rest /= 128) {
            bytes.write(rest % 128 + 128);
        }
        bytes.write(rest);
    }
}
