package dev.longwave.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A request over a socket of its own, answered line by line as the bytes come. */
public final class RawStream implements AutoCloseable {

    private static final int DEADLINE_MILLIS = 300_000;

    private final Socket socket;
    private final BufferedReader reader;
    private final List<String> head = new ArrayList<>();

    public RawStream(int port, String requestLine, String... headers) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port), requestLine, headers);
    }

    /** Over a connection that is open already, perhaps an encrypted one. */
    public RawStream(Socket socket, String requestLine, String... headers) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(DEADLINE_MILLIS);
        var request =
                new StringBuilder(requestLine + "\r\nHost: localhost\r\nConnection: close\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        socket.getOutputStream()
                .write(request.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        reader =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        for (String line = reader.readLine();
                line != null && !line.isEmpty();
                line = reader.readLine()) {
            head.add(line);
        }
    }

    public static RawStream subscribe(int port, String path, String... headers) throws IOException {
        return new RawStream(port, "GET " + path + " HTTP/1.1", headers);
    }

    /** The status line and the headers. */
    public List<String> head() {
        return head;
    }

    /** Reads up to a line that begins with {@code prefix}, and returns it. */
    public String lineWith(String prefix) throws IOException {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.startsWith(prefix)) {
                return line;
            }
        }
        throw new IOException("the response ended without a line that begins with " + prefix);
    }

    /** Reads to the end of the connection. */
    public List<String> rest() {
        return reader.lines().toList();
    }

    public Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
