package dev.longwave.cluster;

import dev.longwave.testing.SignedToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** One client's stream, which it reads until the server ends it, and does not open again. */
final class SignedInReader implements AutoCloseable {

    private final String subject;
    private final Socket socket;
    private final List<String> data = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean open;
    private volatile long endNanos;

    /** Opens the stream of {@code topic} at {@code node}. */
    SignedInReader(Node node, String topic, String subject) throws IOException {
        this.subject = subject;
        this.socket = new Socket(InetAddress.getLoopbackAddress(), node.process().port());
        String request =
                "GET /events/%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\n\r\n"
                        .formatted(topic, SignedToken.of(subject).subscribe(topic).bearer());
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        this.thread = Thread.ofVirtual().name("reader-" + subject).start(this::read);
    }

    private void read() {
        try (var lines =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine();
                    line != null && !line.equals("0"); // the last chunk
                    line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    open = true;
                } else if (line.startsWith("data: ")) {
                    data.add(line.substring("data: ".length()));
                }
            }
        } catch (IOException _) {
            // The test is over.
        }
        endNanos = System.nanoTime();
    }

    String subject() {
        return subject;
    }

    /** {@return whether the stream has begun} */
    boolean isOpen() {
        return open;
    }

    /** {@return whether the server has ended the stream} */
    boolean hasEnded() {
        return !thread.isAlive();
    }

    /** {@return when the stream ended, as {@link System#nanoTime} says it} */
    long endNanos() {
        return endNanos;
    }

    /** {@return the data of the events so far} */
    List<String> data() {
        return List.copyOf(data);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException _) {
            // It is closed all the same.
        }
    }
}
