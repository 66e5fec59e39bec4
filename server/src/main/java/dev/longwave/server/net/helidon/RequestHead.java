package dev.longwave.server.net.helidon;

import dev.longwave.server.net.RequestFault;
import dev.longwave.server.net.RequestFaultException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The head of one request of HTTP/1, checked, and then handed on to the engine without what says
 * that there is a body: RFC 9112. For one thread.
 */
final class RequestHead {
    /*
     * Each byte is looked at once when it arrives, and each line once more when it is whole. What is handed on
     * consists of runs of lines that are copied as they are; most heads without a body are handed on as
     * they arrived.
     *
     * Helidon 4.5.0 waits for the end of a line of any length, takes control characters in values, and lets
     * white space stand before a colon.
     *
     * Positions are those in the array that advance() is given, which may be another one each time, but with
     * the same bytes up to where they had arrived.
     */
    static final int MAX_BYTES = 16 << 10;
    static final int MAX_LINE_BYTES = 8 << 10;
    private static final int MAX_EMPTY_LINES = 2; // RFC 9112, section 2.2
    private static final int CR_LF = 2;
    private static final byte[] HEAD = Ascii.bytes("HEAD ");
    private static final byte[] NONE = {};
    private static final byte[] CLOSE = Ascii.bytes("Connection: close\r\n");
    private static final byte[] TO_WEBSOCKET =
            Ascii.bytes("Connection: Upgrade\r\nUpgrade: websocket\r\n");
    private static final byte[] TO_HTTP_2 =
            Ascii.bytes("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: ");
    private static final byte[] HOST = Ascii.bytes("Host: ");
    private static final byte[] NO_HOST = Ascii.bytes("localhost");
    private static final byte[] LINE_END = Ascii.bytes("\r\n");

    private final HeaderFields fields = new HeaderFields();
    private @Nullable RequestLine line; // once it has arrived
    private int begin;
    private int lineEnd; // of the request line
    private int lineBegin; // of the line that is arriving
    private int seen;
    private int end;
    private int emptyLines;
    private int[] dropped = new int[8]; // where lines that are not handed on begin and end
    private int droppedCount;
    private int droppedBytes;

    /**
     * @param from where it begins
     */
    RequestHead(int from) {
        begin = from;
        lineBegin = from;
        seen = from;
    }

    /**
     * Reads on.
     *
     * @param bytes what has arrived, up to {@code to}
     * @return whether the head has arrived whole
     * @throws RequestFaultException if it is faulty
     */
    boolean advance(byte[] bytes, int to) {
        while (seen < to) {
            byte b = bytes[seen];
            if (Ascii.isControl(b)) {
                if (b == '\r' && seen + 1 == to) {
                    break; // what comes next says whether it is right
                }
                if (b == '\n' && seen > lineBegin && bytes[seen - 1] == '\r') {
                    if (readLine(bytes, seen - 1)) {
                        return true;
                    }
                } else if (b != '\r' || bytes[seen + 1] != '\n') {
                    throw malformed("the request has a control character in its head");
                }
            }
            seen++;
        }
        checkSize(to);
        return false;
    }

    /** Reads the line that ends at {@code to}. Returns whether it is the last one. */
    private boolean readLine(byte[] bytes, int to) {
        RequestLine present = line;
        boolean empty = to == lineBegin;
        if (present == null) {
            readFirst(bytes, to, empty);
        } else if (empty) {
            end = to + CR_LF;
            checkSize(end);
            fields.check(present);
            return true;
        } else if (!fields.add(bytes, lineBegin, to, present.authority() != null)) {
            drop(lineBegin, to + CR_LF);
        }
        lineBegin = to + CR_LF;
        return false;
    }

    private void readFirst(byte[] bytes, int to, boolean empty) {
        if (!empty) {
            begin = lineBegin;
            lineEnd = to;
            checkLine(to, MAX_LINE_BYTES);
            line = RequestLine.read(bytes, lineBegin, to);
        } else if (++emptyLines > MAX_EMPTY_LINES) {
            throw malformed("the request begins with too many empty lines");
        }
    }

    private void checkLine(int to, int max) {
        if (to - lineBegin > max) {
            throw new RequestFaultException(
                    new RequestFault(
                            414,
                            "request-line-too-long",
                            "The request line is too long",
                            "request line too long maxBytes=" + MAX_LINE_BYTES,
                            MAX_LINE_BYTES));
        }
    }

    private void checkSize(int to) {
        if (line == null) {
            checkLine(to, MAX_LINE_BYTES + 1); // the last may be a CR
        } else if (to - begin > MAX_BYTES) {
            throw HeaderFields.tooLarge(
                    "the head of the request is too large maxBytes=" + MAX_BYTES, MAX_BYTES);
        }
    }

    private void drop(int from, int to) {
        if (dropped.length == droppedCount) {
            dropped = Arrays.copyOf(dropped, 2 * droppedCount);
        }
        dropped[droppedCount++] = from;
        dropped[droppedCount++] = to;
        droppedBytes += to - from;
    }

    /** Whether more than empty lines has arrived, with the bytes up to {@code to}. */
    boolean hasBegun(int to) {
        return line != null || to > lineBegin;
    }

    /** Whether the response must not have a body, as far as is known. Even if it is faulty. */
    boolean isHead(byte[] bytes, int to) {
        int from = line == null ? lineBegin : begin;
        return to - from >= HEAD.length
                && Arrays.equals(bytes, from, from + HEAD.length, HEAD, 0, HEAD.length);
    }

    private RequestLine line() {
        RequestLine present = line;
        if (present == null) {
            throw new IllegalStateException("the head has not arrived");
        }
        return present;
    }

    /** Where what follows it begins, once it has arrived whole. */
    int end() {
        return end;
    }

    boolean isHttp10() {
        return line().http10();
    }

    /** Whether it asks for the options of the server as a whole, which no route knows. */
    boolean isOfServer() {
        return line().ofServer();
    }

    /** How long the body is, 0 if there is none, or {@link HeaderFields#CHUNKED}. */
    long bodyLength() {
        return fields.bodyLength();
    }

    /** Whether the client waits with the body until it is asked for it. */
    boolean expectsContinue() {
        return fields.expectsContinue() && !isHttp10();
    }

    /** Whether the connection ends with the response. */
    boolean isLast() {
        return fields.namesClose() || isHttp10();
    }

    /** The head for the engine; {@code bytes} itself if that is all there is in it. */
    byte[] handedOn(byte[] bytes) {
        byte[] replacement = line().replacement();
        byte[] added = added();
        if (replacement == null && droppedCount == 0 && added.length == 0) {
            return begin == 0 && end == bytes.length
                    ? bytes
                    : Arrays.copyOfRange(bytes, begin, end);
        }
        int moved = replacement == null ? 0 : replacement.length - (lineEnd - begin);
        var head = new byte[end - begin - droppedBytes + moved + added.length];
        int length = 0;
        int from = begin;
        if (replacement != null) {
            length = append(head, 0, replacement, 0, replacement.length);
            from = lineEnd;
        }
        for (int i = 0; i < droppedCount; i += 2) {
            length = append(head, length, bytes, from, dropped[i]);
            from = dropped[i + 1];
        }
        length = append(head, length, bytes, from, end - CR_LF);
        length = append(head, length, added, 0, added.length);
        append(head, length, LINE_END, 0, CR_LF);
        return head;
    }

    private static int append(byte[] head, int length, byte[] bytes, int from, int to) {
        System.arraycopy(bytes, from, head, length, to - from);
        return length + to - from;
    }

    /** The fields that the engine gets in place of others. */
    private byte[] added() {
        byte[] host = host();
        byte[] connection = connection();
        if (host.length == 0 || connection.length == 0) {
            return host.length == 0 ? connection : host;
        }
        return joined(host, connection);
    }

    private byte[] host() {
        byte[] authority = line().authority();
        if (authority != null) {
            return joined(HOST, authority, LINE_END);
        }
        return fields.hasHost() ? NONE : joined(HOST, NO_HOST, LINE_END);
    }

    private byte[] connection() {
        if (isLast()) {
            return CLOSE;
        }
        if (fields.upgradesToWebSocket()) {
            return TO_WEBSOCKET;
        }
        byte[] settings = fields.http2Settings();
        return settings == null ? NONE : joined(TO_HTTP_2, settings, LINE_END);
    }

    private static byte[] joined(byte[]... parts) {
        var joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    private static RequestFaultException malformed(String detail) {
        return new RequestFaultException(RequestFault.malformed(detail));
    }
}
