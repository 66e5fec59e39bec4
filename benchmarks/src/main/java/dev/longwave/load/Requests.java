package dev.longwave.load;

import java.nio.charset.StandardCharsets;

/** The HTTP/1.1 requests for one server. */
record Requests(Target target, String authority, String authorization, int dataBytes) {
    private static final String SOCKET_KEY = "bG9uZ3dhdmUgYmVuY2htYQ=="; // any 16 bytes

    /** {@return what carries {@code options} to the server} */
    static Requests of(Options options) {
        return new Requests(
                options.target,
                options.address.getHostString() + ":" + options.address.getPort(),
                options.token
                        .map(token -> "Authorization: " + options.target.scheme() + token + "\r\n")
                        .orElse(""),
                options.size);
    }

    byte[] subscribe(Topic topic) {
        return bytes(
                "GET "
                        + target.subscribePath(topic.name())
                        + " HTTP/1.1\r\nHost: "
                        + authority
                        + "\r\nAccept: text/event-stream\r\n"
                        + authorization
                        + "\r\n");
    }

    /** {@return a request for a WebSocket (RFC 6455, section 4.1)} */
    byte[] upgrade(String path) {
        return bytes(
                "GET "
                        + path
                        + " HTTP/1.1\r\nHost: "
                        + authority
                        + "\r\nConnection: Upgrade\r\nUpgrade: websocket"
                        + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                        + SOCKET_KEY
                        + "\r\n"
                        + authorization
                        + "\r\n");
    }

    /** {@return a request that publishes one event, up to where its data begins} */
    byte[] publish(Topic topic) {
        String prefix = target.bodyPrefix(topic.name());
        return bytes(
                postLine(target.publishPath(topic.name()))
                        + "Content-Type: "
                        + target.contentType()
                        + "\r\nContent-Length: "
                        + (prefix.length() + dataBytes + target.bodySuffix().length())
                        + "\r\n\r\n"
                        + prefix);
    }

    /** {@return the end of a request that publishes one event, after its data} */
    byte[] publishEnds() {
        return bytes(target.bodySuffix());
    }

    /** {@return the head of a request to Longwave that publishes an event per line, in chunks} */
    byte[] publishStream() {
        return bytes(
                postLine("/publish")
                        + "Content-Type: application/x-ndjson\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n");
    }

    private String postLine(String path) {
        return "POST " + path + " HTTP/1.1\r\nHost: " + authority + "\r\n" + authorization;
    }

    static byte[] bytes(String ascii) {
        return ascii.getBytes(StandardCharsets.US_ASCII);
    }
}
