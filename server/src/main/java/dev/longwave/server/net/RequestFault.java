package dev.longwave.server.net;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What is wrong with a request that never reaches a handler, because its protocol's rules or a
 * limit are broken. The client is answered with a problem document: RFC 9457.
 *
 * @param status the HTTP status, 4xx or 503
 * @param rule the last part of the problem's type: lower-case letters, digits, and {@code -}
 * @param title what went wrong, the same for every occurrence
 * @param detail what went wrong this time. Never a piece of the request; printable ASCII without
 *     quotes and backslashes
 * @param max the limit that was exceeded, as a member of the document; 0 for none
 */
public record RequestFault(int status, String rule, String title, String detail, long max) {

    public RequestFault(int status, String rule, String title, String detail) {
        this(status, rule, title, detail, 0);
    }

    /** A request that breaks the rules of its protocol. */
    public static RequestFault malformed(String detail) {
        return new RequestFault(400, "request-malformed", "The request is not valid", detail);
    }

    /**
     * {@return this as a response of HTTP/1, after which the connection is to close}
     *
     * @param withBody false in answer to a HEAD request
     */
    public ByteBuffer http1Response(boolean withBody) {
        byte[] document = document();
        var response = new ByteArrayOutputStream();
        response.writeBytes(
                """
                HTTP/1.1 %d %s\r
                Content-Type: application/problem+json\r
                Content-Length: %d\r
                Cache-Control: no-store\r
                %sConnection: close\r
                \r
                """
                        .formatted(status, reason(), document.length, retryAfter())
                        .getBytes(StandardCharsets.US_ASCII));
        if (withBody) {
            response.writeBytes(document);
        }
        return ByteBuffer.wrap(response.toByteArray());
    }

    private String retryAfter() {
        return status == 429 || status == 503 ? "Retry-After: 5\r\n" : "";
    }

    private String reason() {
        return switch (status) {
            case 400 -> "Bad Request";
            case 408 -> "Request Timeout";
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            case 417 -> "Expectation Failed";
            case 421 -> "Misdirected Request";
            case 429 -> "Too Many Requests";
            case 431 -> "Request Header Fields Too Large";
            case 501 -> "Not Implemented";
            case 503 -> "Service Unavailable";
            case 505 -> "HTTP Version Not Supported";
            default -> ""; // RFC 9112, section 4: it may be empty
        };
    }

    /** {@return the problem document, in ASCII} */
    byte[] document() {
        return """
        {"type":"urn:longwave:problem:%s","title":"%s","status":%d,"detail":"%s"%s}\
        """
                .formatted(rule, title, status, detail, max == 0 ? "" : ",\"max\":" + max)
                .getBytes(StandardCharsets.US_ASCII);
    }
}
