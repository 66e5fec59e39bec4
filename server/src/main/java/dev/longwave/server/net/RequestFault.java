package dev.longwave.server.net;

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
 */
public record RequestFault(int status, String rule, String title, String detail) {

    /** A request that breaks the rules of its protocol. */
    public static RequestFault malformed(String detail) {
        return new RequestFault(400, "request-malformed", "The request is not valid", detail);
    }

    /** {@return the problem document, in ASCII} */
    public byte[] document() {
        return """
        {"type":"urn:longwave:problem:%s","title":"%s","status":%d,"detail":"%s"}\
        """
                .formatted(rule, title, status, detail)
                .getBytes(StandardCharsets.US_ASCII);
    }
}
