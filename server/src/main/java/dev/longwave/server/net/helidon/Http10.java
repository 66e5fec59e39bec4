package dev.longwave.server.net.helidon;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Translates HTTP/1.0, which proxies speak to their upstreams by default and Helidon does not.
 *
 * <p>The request line is read as one of HTTP/1.1 with {@code Connection: close}. Responses that
 * Helidon sends in one piece have a length, which a 1.0 client understands; an event stream is
 * framed by the connection's end.
 */
final class Http10 {

    private static final byte[] CLOSE =
            "1\r\nConnection: close".getBytes(StandardCharsets.US_ASCII);

    private Http10() {}

    /** {@code first}, which begins with a request line that ends in {@code HTTP/1.0}. */
    static byte[] translated(byte[] first) {
        int end = 0;
        while (first[end] != '\r' && first[end] != '\n') {
            end++;
        }
        var bytes = new ByteArrayOutputStream(first.length + CLOSE.length);
        bytes.write(first, 0, end - 1); // up to the last digit of the version
        bytes.writeBytes(CLOSE);
        bytes.write(first, end, first.length - end);
        return bytes.toByteArray();
    }
}
