package dev.longwave.testing;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The header of an answer.
 *
 * @param status the status code
 * @param headers the fields, by their name in lower case; of a repeated field the last one
 */
public record ResponseHead(int status, Map<String, String> headers) {

    private static final int MAX_LINE_BYTES = 16 * 1024;

    public ResponseHead {
        headers = Map.copyOf(headers);
    }

    /**
     * {@return whether this is the answer to a handshake that succeeded}
     *
     * @throws IOException if the server takes no WebSockets for now: those who open them try again
     */
    boolean isUpgrade() throws IOException {
        if (status == 503) {
            throw new IOException("no WebSocket for now status=503");
        }
        return status == 101;
    }

    /** {@return the value of a field, empty if it is absent} */
    public String header(String name) {
        return headers.getOrDefault(name, "");
    }

    /** {@return the essence of the body's media type, in lower case, empty if there is none} */
    public String mediaType() {
        String value = header("content-type");
        int parameters = value.indexOf(';');
        String essence = parameters < 0 ? value : value.substring(0, parameters);
        return essence.strip().toLowerCase(Locale.ROOT);
    }

    /** Reads an HTTP/1.1 header off {@code in}, and not a byte more. */
    static ResponseHead read(InputStream in) throws IOException {
        String[] statusLine = line(in).split(" ", 3);
        if (statusLine.length < 2 || !statusLine[0].startsWith("HTTP/1.")) {
            throw new ProtocolException(
                    "not an HTTP/1 status line: " + String.join(" ", statusLine));
        }
        var headers = new TreeMap<String, String>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new ProtocolException("not a header field: " + line);
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return new ResponseHead(Integer.parseInt(statusLine[1]), headers);
    }

    /** Reads a line that ends in CRLF, and gives it without. */
    static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        while (line.length() < MAX_LINE_BYTES) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("the connection ended in the middle of a line");
            }
            if (b == '\n' && !line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
                line.setLength(line.length() - 1);
                return line.toString();
            }
            line.append((char) b);
        }
        throw new ProtocolException("line is too long max=" + MAX_LINE_BYTES);
    }

    /** The header of a GET request, in HTTP/1.1. */
    static byte[] request(URI uri, Map<String, String> headers) {
        var head = new StringBuilder();
        head.append("GET ").append(Protocol.target(uri)).append(" HTTP/1.1\r\n");
        head.append("Host: ").append(uri.getAuthority()).append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }
}
