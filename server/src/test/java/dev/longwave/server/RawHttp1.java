package dev.longwave.server;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The client's side of an HTTP/1.1 connection: sends what it is told, byte for byte. */
final class RawHttp1 implements AutoCloseable {

    private static final int DEADLINE_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;

    /** The status line and the headers of a response. */
    record Head(String status, List<String> headers) {

        int code() {
            return Integer.parseInt(status.split(" ", 3)[1]);
        }

        /** The value of a header, or empty text. */
        String header(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ':';
            return headers.stream()
                    .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(header -> header.substring(prefix.length()).strip())
                    .findFirst()
                    .orElse("");
        }
    }

    RawHttp1(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(DEADLINE_MILLIS);
        in = socket.getInputStream();
    }

    /** Sends a request line and headers, with {@code Host: localhost} unless there is a Host. */
    RawHttp1 send(String requestLine, String... headers) throws IOException {
        var request = new StringBuilder(requestLine + "\r\n");
        if (List.of(headers).stream().noneMatch(header -> header.startsWith("Host:"))) {
            request.append("Host: localhost\r\n");
        }
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        return send(request.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
    }

    RawHttp1 send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    Head head() throws IOException {
        String status = line();
        var headers = new ArrayList<String>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            headers.add(line);
        }
        return new Head(status, headers);
    }

    /** Reads the body of the response whose head was read, by its length. */
    String body(Head head) throws IOException {
        int length = Integer.parseInt(head.header("Content-Length"));
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    /** Reads to the end of the connection. */
    byte[] rest() throws IOException {
        return in.readAllBytes();
    }

    private String line() throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection ended within a head");
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
