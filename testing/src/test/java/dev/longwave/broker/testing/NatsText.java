package dev.longwave.broker.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** As much of a NATS client as it takes to ask JetStream. */
final class NatsText implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 300_000;

    private final Socket socket;
    private final String info;

    NatsText(int port) throws IOException {
        this(port, TIMEOUT_MILLIS);
    }

    /** {@code timeoutMillis} is how long to wait for an answer. */
    NatsText(int port, int timeoutMillis) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(timeoutMillis);
        info = line();
        send("CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB answers 1\r\n");
    }

    /** {@return what the server says of itself} */
    String info() {
        return info;
    }

    /** Sends a request, and returns the answer. */
    String ask(String subject, String body) throws IOException {
        int length = body.getBytes(StandardCharsets.UTF_8).length;
        send("PUB " + subject + " answers " + length + "\r\n" + body + "\r\n");
        for (String line = line(); ; line = line()) {
            if (line.startsWith("MSG answers ")) {
                int size = Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
                String answer = new String(in().readNBytes(size), StandardCharsets.UTF_8);
                line();
                return answer;
            }
            if (line.startsWith("-ERR")) {
                throw new IOException(line);
            }
            if (line.equals("PING")) {
                send("PONG\r\n");
            }
        }
    }

    private void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private String line() throws IOException {
        var line = new ByteArrayOutputStream();
        for (int read = in().read(); read != '\n'; read = in().read()) {
            if (read < 0) {
                throw new EOFException(line.toString(StandardCharsets.UTF_8));
            }
            line.write(read);
        }
        return line.toString(StandardCharsets.UTF_8).stripTrailing();
    }

    private InputStream in() throws IOException {
        return socket.getInputStream();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
