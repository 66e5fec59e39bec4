package dev.longwave.server.net.helidon;

import dev.longwave.server.net.RequestFault;
import dev.longwave.server.net.RequestFaultException;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of one request that say where it ends, where it belongs, and what the
 * connection is for: read here, and not by the engine.
 */
final class HeaderFields {
    /*
     * Helidon 4.5.0 takes the body for the next request after an early answer to Expect: 100-continue, and
     * takes some Content-Length and Transfer-Encoding fields for what they are not. An engine that is told of
     * no body can do neither. Its upgrade to HTTP/2 fails with 500 on settings that are not valid.
     *
     * What can be refused only once the version and all fields are known is refused by check().
     */
    static final long CHUNKED = -1;

    private static final int MAX_FIELDS = 128;
    private static final int MAX_LENGTH_DIGITS = 18;
    private static final byte[] TE = Ascii.bytes("te");
    private static final byte[] HOST = Ascii.bytes("host");
    private static final byte[] EXPECT = Ascii.bytes("expect");
    private static final byte[] TRAILER = Ascii.bytes("trailer");
    private static final byte[] UPGRADE = Ascii.bytes("upgrade");
    private static final byte[] CONNECTION = Ascii.bytes("connection");
    private static final byte[] KEEP_ALIVE = Ascii.bytes("keep-alive");
    private static final byte[] CONTENT_LENGTH = Ascii.bytes("content-length");
    private static final byte[] HTTP2_SETTINGS = Ascii.bytes("http2-settings");
    private static final byte[] TRANSFER_ENCODING = Ascii.bytes("transfer-encoding");
    private static final byte[] CLOSE = Ascii.bytes("close");
    private static final byte[] CHUNKED_CODING = Ascii.bytes("chunked");
    private static final byte[] CONTINUE = Ascii.bytes("100-continue");
    private static final byte[] WEBSOCKET = Ascii.bytes("websocket");
    private static final byte[] H2C = Ascii.bytes("h2c");

    private int fields;
    private int hosts;
    private int lengths;
    private int codings;
    private boolean codingUnknown;
    private long length;
    private boolean expectsContinue;
    private boolean expectsOther;
    private boolean namesClose; // in the Connection header, as the next two
    private boolean namesUpgrade;
    private boolean namesSettings;
    private int upgrades;
    private boolean toWebSocket;
    private boolean toHttp2;
    private int settingsFields;
    private byte @Nullable [] settings;

    /**
     * Reads the field that is a line of {@code bytes}, without its end.
     *
     * @param hostReplaced whether the target says what the Host header would
     * @return whether the field is to be handed on to the engine
     * @throws RequestFaultException if it is faulty
     */
    boolean add(byte[] bytes, int from, int to, boolean hostReplaced) {
        if (++fields > MAX_FIELDS) {
            throw tooLarge("the request has too many header fields max=" + MAX_FIELDS, MAX_FIELDS);
        }
        int colon = from;
        while (colon < to && Ascii.isToken(bytes[colon])) {
            colon++;
        }
        if (colon == from || colon == to || bytes[colon] != ':') {
            throw malformed("a header field must be a name, a colon right after it, and a value");
        }
        int begin = Ascii.skipSpace(bytes, colon + 1, to);
        int end = Ascii.trimSpace(bytes, begin, to);
        return switch (colon - from) {
            case 2 -> !is(TE, bytes, from, colon);
            case 4 -> !is(HOST, bytes, from, colon) || host(bytes, begin, end, hostReplaced);
            case 6 -> !is(EXPECT, bytes, from, colon) || expect(bytes, begin, end);
            case 7 ->
                    !is(TRAILER, bytes, from, colon)
                            && (!is(UPGRADE, bytes, from, colon) || upgrade(bytes, begin, end));
            case 10 ->
                    !is(KEEP_ALIVE, bytes, from, colon)
                            && (!is(CONNECTION, bytes, from, colon)
                                    || connection(bytes, begin, end));
            case 14 ->
                    is(CONTENT_LENGTH, bytes, from, colon)
                            ? length(bytes, begin, end)
                            : !is(HTTP2_SETTINGS, bytes, from, colon)
                                    || settings(bytes, begin, end);
            case 17 -> !is(TRANSFER_ENCODING, bytes, from, colon) || coding(bytes, begin, end);
            default -> true;
        };
    }

    private static boolean is(byte[] name, byte[] bytes, int from, int to) {
        return Ascii.equalsIgnoreCase(bytes, from, to, name);
    }

    private boolean host(byte[] bytes, int from, int to, boolean replaced) {
        if (++hosts > 1) {
            throw malformed("the request has more than one Host header");
        }
        if (!Host.isValid(bytes, from, to)) {
            throw malformed("the Host header must be a host, and perhaps a colon and a port");
        }
        return !replaced;
    }

    private boolean expect(byte[] bytes, int from, int to) {
        if (is(CONTINUE, bytes, from, to)) {
            expectsContinue = true;
        } else {
            expectsOther = true;
        }
        return false;
    }

    private boolean length(byte[] bytes, int from, int to) {
        if (++lengths > 1) {
            throw malformed("the request has more than one Content-Length header");
        }
        if (from == to || to - from > MAX_LENGTH_DIGITS) {
            throw malformed("the Content-Length header must be a whole number, and not too long");
        }
        for (int i = from; i < to; i++) {
            if (bytes[i] < '0' || bytes[i] > '9') {
                throw malformed("the Content-Length header must be one whole number");
            }
            length = 10 * length + bytes[i] - '0';
        }
        return false;
    }

    private boolean coding(byte[] bytes, int from, int to) {
        codings++;
        codingUnknown |= !is(CHUNKED_CODING, bytes, from, to);
        return false;
    }

    private boolean connection(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            int begin = Ascii.skipSpace(bytes, i, to);
            i = begin;
            while (i < to && bytes[i] != ',') {
                i++;
            }
            int end = Ascii.trimSpace(bytes, begin, i);
            namesClose |= is(CLOSE, bytes, begin, end);
            namesUpgrade |= is(UPGRADE, bytes, begin, end);
            namesSettings |= is(HTTP2_SETTINGS, bytes, begin, end);
        }
        return false;
    }

    private boolean upgrade(byte[] bytes, int from, int to) {
        upgrades++;
        toWebSocket |= is(WEBSOCKET, bytes, from, to);
        toHttp2 |= is(H2C, bytes, from, to);
        return false;
    }

    private boolean settings(byte[] bytes, int from, int to) {
        settingsFields++;
        settings = UpgradeSettings.normalised(bytes, from, to);
        return false;
    }

    /**
     * To be called after the last field.
     *
     * @throws RequestFaultException if the fields do not go together
     */
    void check(RequestLine line) {
        if (codings > 0) {
            checkCoding(line);
        }
        if (hosts == 0 && !line.http10()) {
            throw malformed("a request of HTTP/1.1 must have a Host header");
        }
        if (expectsOther && !line.http10()) {
            throw new RequestFaultException(
                    new RequestFault(
                            417,
                            "expectation-unknown",
                            "The expectation cannot be met",
                            "the server meets no expectation but 100-continue"));
        }
    }

    /** RFC 9112, sections 6.1 and 6.3. */
    private void checkCoding(RequestLine line) {
        if (lengths > 0) {
            throw malformed("the request has both a Content-Length and a Transfer-Encoding header");
        }
        if (line.http10()) {
            throw malformed("a request of HTTP/1.0 cannot have a Transfer-Encoding header");
        }
        if (codings > 1) {
            throw malformed("the request has more than one Transfer-Encoding header");
        }
        if (codingUnknown) {
            throw new RequestFaultException(
                    new RequestFault(
                            501,
                            "transfer-coding-unknown",
                            "The transfer coding is not implemented",
                            "the server knows no transfer coding but chunked"));
        }
    }

    /** How long the body is, 0 if there is none, or {@link #CHUNKED}. */
    long bodyLength() {
        return codings > 0 ? CHUNKED : length;
    }

    boolean hasHost() {
        return hosts > 0;
    }

    boolean expectsContinue() {
        return expectsContinue;
    }

    boolean namesClose() {
        return namesClose;
    }

    /** Whether the request asks to go on with WebSocket. */
    boolean upgradesToWebSocket() {
        return upgrades == 1 && toWebSocket && namesUpgrade && bodyLength() == 0;
    }

    /**
     * The settings to go on with HTTP/2, if the request asks for that as it should: RFC 7540, 3.2.
     */
    byte @Nullable [] http2Settings() {
        boolean asked = upgrades == 1 && toHttp2 && namesUpgrade && bodyLength() == 0;
        return asked && namesSettings && settingsFields == 1 ? settings : null;
    }

    static RequestFaultException tooLarge(String detail, int max) {
        return new RequestFaultException(
                new RequestFault(431, "header-too-large", "The header is too large", detail, max));
    }

    private static RequestFaultException malformed(String detail) {
        return new RequestFaultException(RequestFault.malformed(detail));
    }
}
