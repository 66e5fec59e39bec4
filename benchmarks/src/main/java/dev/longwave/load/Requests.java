package dev.longwave.load;

import java.nio.charset.StandardCharsets;

/** The HTTP/1.1 requests for one server. */
record Requests(Target target, String authority, String authorization, int dataBytes) {

    /** {@return what carries {@code options} to the server} */
    static Requests of(Options options) {
        return new Requests(
                options.target,
                options.address.getHostString() + ":" + options.address.getPort(),
                options.token.map(token -> "Authorization: Bearer " + token + "\r\n").orElse(""),
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

    /** {@return a request that publishes one event, up to where its data begins} */
    byte[] publish(Topic topic) {
        String prefix = target.bodyPrefix(topic.name());
        return bytes(
                postLine(target.publishPath(topic.name()))
                        + "Content-Type: "
                        + target.contentType()
                        + "\r\nContent-Length: "
                        + (prefix.length() + dataBytes)
                        + "\r\n\r\n"
                        + prefix);
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
