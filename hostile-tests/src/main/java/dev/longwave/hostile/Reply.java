package dev.longwave.hostile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A response, of HTTP/1 or HTTP/2.
 *
 * @param status the status code
 * @param headers by name in lower case; of a repeated one the last
 * @param body the whole body, in ISO 8859-1; empty for an event stream, which has no end
 */
record Reply(int status, Map<String, String> headers, String body) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_LINE_BYTES = 64 * 1024;
    private static final int MAX_BODY_BYTES = 16 << 20;

    /** {@return a header, empty if there is none} */
    String header(String name) {
        return headers.getOrDefault(name, "");
    }

    boolean isEventStream() {
        return header("content-type").startsWith("text/event-stream");
    }

    /**
     * {@return what is wrong with it as a response to any request whatever, if something is}
     *
     * @param withBody whether a response with a body was due, so not for HEAD
     */
    Optional<String> fault(boolean withBody) {
        if (status >= 500 && status != 501 && status != 503 && status != 505) {
            return Optional.of("status " + status);
        }
        if (status < 400) {
            return Optional.empty();
        }
        if (!header("content-type").startsWith("application/problem+json")) {
            return Optional.of(
                    "a " + status + " without a problem document: " + header("content-type"));
        }
        return withBody ? faultOfDocument() : Optional.empty();
    }

    private Optional<String> faultOfDocument() {
        try {
            JsonNode document = JSON.readTree(body.getBytes(StandardCharsets.ISO_8859_1));
            boolean right =
                    document != null
                            && document.path("status").asInt() == status
                            && document.path("type")
                                    .asText()
                                    .matches("urn:longwave:problem:[a-z0-9-]+")
                            && !document.path("title").asText().isEmpty();
            return right ? Optional.empty() : Optional.of("the problem document is " + body);
        } catch (JsonProcessingException _) {
            return Optional.of("the problem document is not JSON: " + body);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Reads the final response from an HTTP/1 connection.
     *
     * @param headOnly whether it is the response to a HEAD request
     */
    static Reply read(InputStream in, boolean headOnly) throws IOException {
        while (true) {
            String[] statusLine = line(in).split(" ", 3);
            if (statusLine.length < 2
                    || !statusLine[0].matches("HTTP/1\\.[01]")
                    || !statusLine[1].matches("[1-5][0-9][0-9]")) {
                throw new ProtocolException("not a status line: " + String.join(" ", statusLine));
            }
            int status = Integer.parseInt(statusLine[1]);
            Map<String, String> headers = headers(in);
            if (status >= 200 || status == 101) {
                var head = new Reply(status, headers, "");
                return headOnly || !head.hasBody() ? head : head.withBody(in);
            }
        }
    }

    private boolean hasBody() {
        return status >= 200 && status != 204 && status != 304 && !isEventStream();
    }

    private Reply withBody(InputStream in) throws IOException {
        byte[] bytes;
        if (header("transfer-encoding").equalsIgnoreCase("chunked")) {
            bytes = chunks(in);
        } else if (header("content-length").isEmpty()) {
            bytes = in.readNBytes(MAX_BODY_BYTES);
        } else {
            int length = Integer.parseInt(header("content-length"));
            bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException("the connection ended in the middle of a body");
            }
        }
        return new Reply(status, headers, new String(bytes, StandardCharsets.ISO_8859_1));
    }

    private static Map<String, String> headers(InputStream in) throws IOException {
        var headers = new TreeMap<String, String>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new ProtocolException("not a header: " + line);
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return headers;
    }

    private static byte[] chunks(InputStream in) throws IOException {
        var all = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(in), 16);
            if (size == 0) {
                headers(in); // trailers
                return all.toByteArray();
            }
            byte[] chunk = in.readNBytes(size);
            if (chunk.length < size || !line(in).isEmpty()) {
                throw new EOFException("the connection ended in the middle of a chunk");
            }
            all.write(chunk);
        }
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        while (line.length() < MAX_LINE_BYTES) {
            int b = in.read();
            if (b < 0) {
                if (line.isEmpty()) {
                    throw new EOFException("the server closed the connection");
                }
                throw new ProtocolException("the connection ended in the middle of: " + line);
            }
            if (b == '\n' && !line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
                line.setLength(line.length() - 1);
                return line.toString();
            }
            line.append((char) b);
        }
        throw new ProtocolException("line is too long max=" + MAX_LINE_BYTES);
    }
}
