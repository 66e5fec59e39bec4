package dev.longwave.hostile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** HTTP/1 requests, as text in ISO 8859-1. */
final class Requests {

    static final String HOST = "Host: localhost\r\n";

    private Requests() {}

    static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\n" + HOST + "\r\n";
    }

    /** {@return the head of a request with a body of {@code length} bytes, which is to follow} */
    static String post(String target, long length) {
        return head(target, Map.of("Content-Length", Long.toString(length)));
    }

    /** {@return the head of a request whose chunks are to follow} */
    static String chunked(String target) {
        return head(target, Map.of("Transfer-Encoding", "chunked"));
    }

    static String head(String target, Map<String, String> headers) {
        var head = new StringBuilder("POST " + target + " HTTP/1.1\r\n" + HOST);
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("\r\n").toString();
    }

    static String chunk(String data) {
        return Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
    }

    /** Publishes an event, as a client that means well. */
    static void publish(int port, String topic, String data) throws IOException {
        try (Wire wire = Wire.asNeighbour(port)) {
            wire.send(post("/events/" + topic, data.length()) + data);
            Reply reply = wire.reply();
            if (reply.status() != 200) {
                throw new IOException("not published: " + reply);
            }
        }
    }

    static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }
}
