package dev.longwave.server.net.helidon;

import dev.longwave.server.net.RequestFault;
import dev.longwave.server.net.RequestFaultException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The first line of a request: RFC 9112, section 3.
 *
 * @param http10 whether the client speaks HTTP/1.0
 * @param ofServer whether it asks for the options of the server as a whole
 * @param replacement the line to hand on to the engine in its place; null to hand on this one
 * @param authority what the target says in place of the Host header; null if it does not
 */
@SuppressWarnings("ArrayRecordComponent") // read once, and not compared
record RequestLine(
        boolean http10,
        boolean ofServer,
        byte @Nullable [] replacement,
        byte @Nullable [] authority) {
    /*
     * Helidon 4.5.0 takes any bytes for a method, and the whole of an absolute URI for a path; it refuses
     * HTTP/1.0, and answers what it refuses without words.
     */
    private static final int MAX_METHOD_BYTES = 32;
    private static final int VERSION_BYTES = 8;
    private static final byte[] CONNECT = Ascii.bytes("CONNECT");
    private static final byte[] OPTIONS = Ascii.bytes("OPTIONS");
    private static final byte[] HTTP = Ascii.bytes("http://");
    private static final byte[] HTTPS = Ascii.bytes("https://");
    private static final byte[] NAME = Ascii.bytes("HTTP");

    /** A client that does not speak HTTP would not understand an answer. */
    static final RequestFault NOT_HTTP =
            RequestFault.malformed("the first line is not one of HTTP");

    private static final byte[] VERSION = Ascii.bytes("HTTP/1.");
    private static final byte[] AS_1_1 = Ascii.bytes(" HTTP/1.1");

    /**
     * Reads the line that is a part of {@code bytes}, without its end.
     *
     * @throws RequestFaultException if it is faulty
     */
    static RequestLine read(byte[] bytes, int from, int to) {
        int methodTo = from;
        while (methodTo < to && Ascii.isToken(bytes[methodTo])) {
            methodTo++;
        }
        if (methodTo == from || methodTo == to || bytes[methodTo] != ' ') {
            throw malformed("the request line must begin with a method and one space");
        }
        int targetTo = methodTo + 1;
        while (targetTo < to && bytes[targetTo] != ' ') {
            targetTo++;
        }
        if (targetTo == methodTo + 1 || targetTo == to) {
            throw malformed("the request line must be a method, a target and a version");
        }
        boolean http10 = isHttp10(bytes, targetTo + 1, to);
        if (methodTo - from > MAX_METHOD_BYTES
                || Arrays.equals(bytes, from, methodTo, CONNECT, 0, CONNECT.length)) {
            throw new RequestFaultException(
                    new RequestFault(
                            501,
                            "method-not-implemented",
                            "The method is not implemented",
                            "the server does not know the method"));
        }
        return read(bytes, from, methodTo, targetTo, http10);
    }

    private static boolean isHttp10(byte[] bytes, int from, int to) {
        if (to - from == VERSION_BYTES) {
            byte minor = bytes[to - 1];
            if (Arrays.equals(bytes, from, to - 1, VERSION, 0, VERSION.length)
                    && (minor == '0' || minor == '1')) {
                return minor == '0';
            }
            if (Arrays.equals(bytes, from, from + 5, VERSION, 0, 5)
                    && isDigit(bytes[from + 5])
                    && bytes[from + 6] == '.'
                    && isDigit(minor)) {
                throw new RequestFaultException(
                        new RequestFault(
                                505,
                                "version-unsupported",
                                "The version of HTTP is not supported",
                                "the server speaks HTTP/1.0, HTTP/1.1 and HTTP/2 here"));
            }
        }
        if (!namesHttp(bytes, from, to)) {
            throw new RequestFaultException(NOT_HTTP);
        }
        throw malformed("the request line must end in one space and a version of HTTP");
    }

    /** Whether the last word of the line looks like a version of HTTP, if not like a right one. */
    private static boolean namesHttp(byte[] bytes, int from, int to) {
        int word = to;
        while (word > from && bytes[word - 1] != ' ') {
            word--;
        }
        for (int i = 0; i < NAME.length; i++) {
            if (word + i >= to || (bytes[word + i] & ~0x20) != NAME[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static RequestLine read(
            byte[] bytes, int from, int methodTo, int targetTo, boolean http10) {
        int target = methodTo + 1;
        boolean options = Arrays.equals(bytes, from, methodTo, OPTIONS, 0, OPTIONS.length);
        if (bytes[target] == '/') {
            return !http10 && RequestTarget.isNormal(bytes, target, targetTo)
                    ? new RequestLine(false, false, null, null)
                    : new RequestLine(
                            http10,
                            false,
                            line(
                                    bytes,
                                    from,
                                    target,
                                    RequestTarget.normalised(bytes, target, targetTo)),
                            null);
        }
        if (options && targetTo == target + 1 && bytes[target] == '*') {
            return new RequestLine(http10, true, null, null);
        }
        return ofUri(bytes, from, target, targetTo, http10, options);
    }

    /** A target in absolute form: RFC 9112, section 3.2.2. */
    private static RequestLine ofUri(
            byte[] bytes, int from, int target, int targetTo, boolean http10, boolean options) {
        int authority;
        if (Ascii.startsWithIgnoreCase(bytes, target, targetTo, HTTP)) {
            authority = target + HTTP.length;
        } else if (Ascii.startsWithIgnoreCase(bytes, target, targetTo, HTTPS)) {
            authority = target + HTTPS.length;
        } else {
            throw malformed("the request target must be a path, or an absolute URI of http");
        }
        int path = authority;
        while (path < targetTo && bytes[path] != '/' && bytes[path] != '?') {
            path++;
        }
        if (!Host.isValid(bytes, authority, path)) {
            throw malformed("the request target names no valid host");
        }
        boolean ofServer = options && path == targetTo; // section 3.2.4
        return new RequestLine(
                http10,
                ofServer,
                line(bytes, from, target, RequestTarget.normalised(path(bytes, path, targetTo))),
                Arrays.copyOfRange(bytes, authority, path));
    }

    private static byte[] path(byte[] bytes, int from, int to) {
        if (from < to && bytes[from] == '/') {
            return Arrays.copyOfRange(bytes, from, to);
        }
        var path = new byte[1 + to - from];
        path[0] = '/';
        System.arraycopy(bytes, from, path, 1, to - from);
        return path;
    }

    /** The method and the space as they are, and what belongs after them. */
    private static byte[] line(byte[] bytes, int from, int target, byte[] newTarget) {
        var line = new ByteArrayOutputStream();
        line.write(bytes, from, target - from);
        line.writeBytes(newTarget);
        line.writeBytes(AS_1_1);
        return line.toByteArray();
    }

    private static RequestFaultException malformed(String detail) {
        return new RequestFaultException(RequestFault.malformed(detail));
    }
}
