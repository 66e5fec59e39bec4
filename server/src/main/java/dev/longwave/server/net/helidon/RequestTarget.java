package dev.longwave.server.net.helidon;

import dev.longwave.server.net.RequestFault;
import dev.longwave.server.net.RequestFaultException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The target of a request, a path and perhaps a query, in the one form that Helidon's router and
 * our handlers read alike: RFC 3986, section 6.2.2.
 *
 * <p>Characters that browsers send as they are (WHATWG URL) are percent-encoded, and so are bytes
 * of UTF-8; what need not be encoded is decoded; dot segments are removed. Two targets that differ
 * afterwards name different things.
 */
final class RequestTarget {
    /*
     * Helidon 4.5.0 refuses `| [ ] ^ { } \ ` " < >`, and takes UTF-8 for ASCII. Its router matches a path
     * without dot segments, empty segments, and what follows a `;` in a segment (UriPathNoParam.decode and
     * UriPathHelper), while rawPath() keeps them all. So the first are removed here, and the other two are
     * encoded: the slash before which nothing stands as %2F, and `;` as %3B. That changes no name, for
     * handlers decode it, and the router then finds the same path as they do, or none.
     */
    private static final int ASCII = 0x80;
    private static final int MAX_GROWTH = 3;
    private static final byte[] HEX = Ascii.bytes("0123456789ABCDEF");
    private static final boolean[] ENCODED = Ascii.table("|[]^{}\\`\"<>");
    private static final boolean[] UNRESERVED =
            Ascii.table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~");

    /** What is as it must be wherever it stands, except for a dot that begins a segment. */
    private static final boolean[] PLAIN =
            Ascii.table(
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
                            + "/?:@!$&'()*+,=");

    private final byte[] raw;
    private final int to;
    private byte[] out;
    private int length;

    private RequestTarget(byte[] raw, int from, int to) {
        this.raw = raw;
        this.to = to;
        this.out = new byte[MAX_GROWTH * (to - from) + 1];
    }

    /**
     * {@return {@code raw} in normal form: ASCII without control characters; the same array if it
     * is normal}
     *
     * @throws RequestFaultException if it does not begin with a slash, or has a control character,
     *     a space, a fragment, a broken percent-escape, or bytes that are not UTF-8
     */
    static byte[] normalised(byte[] raw) {
        return isNormal(raw, 0, raw.length) ? raw : normalised(raw, 0, raw.length);
    }

    /** The normal form of a part of {@code raw}, in an array of its own. */
    static byte[] normalised(byte[] raw, int from, int to) {
        if (from == to || raw[from] != '/') {
            throw malformed("the request target must be a path that begins with a slash");
        }
        checkUtf8(raw, from, to);
        return new RequestTarget(raw, from, to).rebuilt(from);
    }

    /** Whether a part of {@code raw} is its own normal form: that of most requests is. */
    static boolean isNormal(byte[] raw, int from, int to) {
        if (from == to || raw[from] != '/') {
            return false;
        }
        int before = 0;
        for (int i = from; i < to; i++) {
            int b = raw[i];
            if (b < 0 || !PLAIN[b] || (before == '/' && (b == '.' || b == '/'))) {
                return false;
            }
            before = b;
        }
        return true;
    }

    private byte[] rebuilt(int from) {
        int queryAt = from;
        while (queryAt < to && raw[queryAt] != '?') {
            queryAt++;
        }
        int i = from;
        while (i < queryAt) {
            i = segment(i, queryAt);
        }
        encodeEmptySegments();
        if (queryAt < to) {
            put('?');
            i = queryAt + 1;
            while (i < to) {
                i = character(i, false);
            }
        }
        return Arrays.copyOf(out, length);
    }

    /** Appends the segment whose slash is at {@code slash}; removes what dots remove. */
    private int segment(int slash, int end) {
        int began = length;
        put('/');
        int i = slash + 1;
        while (i < end && raw[i] != '/') {
            i = character(i, true);
        }
        int name = length - began - 1;
        boolean one = name == 1 && out[began + 1] == '.';
        boolean two = name == 2 && out[began + 1] == '.' && out[began + 2] == '.';
        if (one || two) {
            length = began;
            if (two) {
                removeLastSegment();
            }
            if (i == end) {
                put('/');
            }
        }
        return i;
    }

    private void removeLastSegment() {
        while (length > 0 && out[--length] != '/') {
            // Up to its slash.
        }
    }

    /** Appends the character at {@code i} as it must be, and returns where the next one is. */
    private int character(int i, boolean inPath) {
        int b = raw[i] & 0xff;
        if (b <= ' ' || b == 0x7f) {
            throw malformed("the request target has a control character or a space in it");
        }
        if (b == '#') {
            throw malformed("the request target has a fragment, which is for the client alone");
        }
        if (b == '%') {
            return escape(i);
        }
        if (b >= ASCII || ENCODED[b] || (b == ';' && inPath)) {
            encode(b);
        } else {
            put(b);
        }
        return i + 1;
    }

    private int escape(int i) {
        int high = i + 2 < to ? Character.digit(raw[i + 1], 16) : -1;
        int low = i + 2 < to ? Character.digit(raw[i + 2], 16) : -1;
        if (high < 0 || low < 0) {
            throw malformed("the request target has a percent sign without two hexadecimal digits");
        }
        int b = high << 4 | low;
        if (b < ASCII && UNRESERVED[b]) {
            put(b);
        } else {
            encode(b);
        }
        return i + 3;
    }

    private void encodeEmptySegments() {
        int empty = 0;
        for (int i = 1; i < length; i++) {
            if (out[i] == '/' && out[i - 1] == '/') {
                empty++;
            }
        }
        if (empty == 0) {
            return;
        }
        byte[] path = Arrays.copyOf(out, length);
        out = new byte[out.length + 2 * empty];
        length = 0;
        int before = 0;
        for (byte b : path) {
            if (b == '/' && before == '/') {
                encode(b);
            } else {
                put(b);
            }
            before = b;
        }
    }

    private void put(int b) {
        out[length++] = (byte) b;
    }

    private void encode(int b) {
        put('%');
        put(HEX[b >> 4]);
        put(HEX[b & 0xf]);
    }

    private static void checkUtf8(byte[] raw, int from, int to) {
        try {
            var _ =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(raw, from, to - from));
        } catch (CharacterCodingException _) {
            throw malformed("the request target is not valid UTF-8");
        }
    }

    private static RequestFaultException malformed(String detail) {
        return new RequestFaultException(RequestFault.malformed(detail));
    }
}
