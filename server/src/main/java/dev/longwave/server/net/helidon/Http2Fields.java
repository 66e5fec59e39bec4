package dev.longwave.server.net.helidon;

import dev.longwave.server.net.RequestFault;
import dev.longwave.server.net.RequestFaultException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header block of one request: RFC 9113, section 8.3.
 *
 * <p>Helidon ends the connection, with all its streams, for what is wrong with one request: among
 * others for a path that is no URI, a method that is no token, a {@code content-length} that is no
 * number, and a {@code host} that is not the authority. Behind a proxy, the other streams are other
 * people's.
 */
final class Http2Fields {

    /** What is announced, by Helidon: RFC 9113, section 6.5.2. */
    static final int MAX_SIZE = 8 << 10;

    /** A larger target is what is wrong with a head that is too large. */
    private static final int MAX_TARGET = 4 << 10;

    private static final int MAX_METHOD = 32;

    /** RFC 8441, section 4: the one protocol that a CONNECT may ask for. */
    private static final String WEBSOCKET = "websocket";

    private final List<HeaderField> headers = new ArrayList<>();
    private @Nullable String method;
    private @Nullable String scheme;
    private @Nullable String path;
    private @Nullable String authority;
    private @Nullable String protocol;
    private @Nullable String host;
    private long contentLength = -1;
    private boolean expectsOther;

    private Http2Fields() {}

    /**
     * Reads and checks it.
     *
     * @throws MalformedRequest if the stream must end with an error
     * @throws RequestFaultException if the request cannot be served as it is
     */
    static Http2Head read(HeaderDecoder.Decoded decoded) {
        var fields = new Http2Fields();
        decoded.fields().forEach(fields::add);
        fields.checkSize(decoded.size());
        return fields.head();
    }

    /** Whether these are the fields of a HEAD request, whatever is wrong with them. */
    static boolean areOfHead(List<HeaderField> fields) {
        return fields.contains(new HeaderField(":method", "HEAD"));
    }

    private void add(HeaderField field) {
        FieldRules.checkCharacters(field);
        if (field.isPseudo()) {
            addPseudoHeader(field);
        } else {
            addHeader(field);
        }
    }

    private void addPseudoHeader(HeaderField field) {
        if (!headers.isEmpty() || host != null || contentLength >= 0) {
            throw new MalformedRequest("a pseudo-header follows other headers");
        }
        String value = field.value();
        switch (field.name()) {
            case ":method" -> method = first(method, value);
            case ":scheme" -> scheme = first(scheme, value);
            case ":path" -> path = first(path, value);
            case ":authority" -> authority = first(authority, value);
            case ":protocol" -> protocol = first(protocol, value);
            default -> throw new MalformedRequest("a pseudo-header that requests do not have");
        }
    }

    private void addHeader(HeaderField field) {
        if (FieldRules.isOfConnection(field)) {
            throw new MalformedRequest("a header that only a connection of HTTP/1 has");
        }
        switch (field.name()) {
            case "host" -> host = first(host, field.value());
            case "content-length" -> {
                if (contentLength >= 0) {
                    throw twice();
                }
                contentLength = FieldRules.contentLength(field.value());
            }
            case "expect" -> {
                expectsOther |= !field.value().equalsIgnoreCase("100-continue");
                headers.add(field);
            }
            default -> headers.add(field);
        }
    }

    private static String first(@Nullable String before, String value) {
        if (before != null) {
            throw twice();
        }
        return value;
    }

    private static MalformedRequest twice() {
        return new MalformedRequest("what a request has once comes twice");
    }

    private void checkSize(int size) {
        if (size <= MAX_SIZE) {
            return;
        }
        if (path != null && path.length() > MAX_TARGET) {
            throw new RequestFaultException(
                    new RequestFault(
                            414,
                            "request-line-too-long",
                            "The request line is too long",
                            "the request target is too long maxBytes=" + MAX_TARGET,
                            MAX_TARGET));
        }
        throw HeaderFields.tooLarge("the headers are too large maxBytes=" + MAX_SIZE, MAX_SIZE);
    }

    private Http2Head head() {
        if (method == null) {
            throw new MalformedRequest("a request has no :method");
        }
        boolean connect = method.equals("CONNECT");
        if (protocol != null && !connect) {
            throw new MalformedRequest("a request has a :protocol, and is no CONNECT");
        }
        boolean toWebSocket = WEBSOCKET.equals(protocol);
        if ((connect && !toWebSocket) || method.length() > MAX_METHOD) {
            throw fault(
                    501,
                    "method-not-implemented",
                    "The method is not implemented",
                    "the server does not know the method");
        }
        if (scheme == null || path == null || path.isEmpty()) {
            throw new MalformedRequest("a request has no :scheme or no :path");
        }
        if (!FieldRules.isToken(method)) {
            throw malformed("the method is not a token");
        }
        if (expectsOther) {
            throw fault(
                    417,
                    "expectation-unknown",
                    "The expectation cannot be met",
                    "the server meets no expectation but 100-continue");
        }
        boolean hasContent = toWebSocket || (!method.equals("GET") && !method.equals("HEAD"));
        var block =
                new LiteralHeaders()
                        .add(":method", toWebSocket ? "GET" : method)
                        .add(":scheme", checkedScheme(scheme))
                        .add(":path", target(path))
                        .add(":authority", checkedAuthority());
        headers.forEach(field -> block.add(field.name(), field.value()));
        if (toWebSocket) {
            return new Http2Head(true, true, -1, block.bytes());
        }
        if (contentLength >= 0 && hasContent) {
            block.add("content-length", Long.toString(contentLength));
        }
        return new Http2Head(hasContent, false, contentLength, block.bytes());
    }

    private static String checkedScheme(String scheme) {
        String lowerCase = scheme.toLowerCase(Locale.ROOT);
        if (!lowerCase.equals("http") && !lowerCase.equals("https")) {
            throw malformed("the scheme is neither http nor https");
        }
        return lowerCase;
    }

    private static String target(String path) {
        byte[] normalised = RequestTarget.normalised(path.getBytes(StandardCharsets.ISO_8859_1));
        return new String(normalised, StandardCharsets.US_ASCII);
    }

    /** Section 8.3.1: one may stand in for the other. */
    private String checkedAuthority() {
        if (authority != null && host != null && !authority.equalsIgnoreCase(host)) {
            throw malformed("host differs from :authority");
        }
        String either = authority != null ? authority : host;
        if (either == null) {
            throw malformed("a request has neither :authority nor host");
        }
        byte[] bytes = either.getBytes(StandardCharsets.ISO_8859_1);
        if (!Host.isValid(bytes, 0, bytes.length)) {
            throw malformed("the authority is not a host, or a host and a port");
        }
        return either;
    }

    private static RequestFaultException malformed(String detail) {
        return new RequestFaultException(RequestFault.malformed(detail));
    }

    private static RequestFaultException fault(
            int status, String rule, String title, String detail) {
        return new RequestFaultException(new RequestFault(status, rule, title, detail));
    }
}
