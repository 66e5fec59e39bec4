package dev.longwave.cli.endurance;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A cheap subscriber that keeps nothing: it checks that the numbers at the beginning of the data
 * come in order, each once, from 1 up to the last.
 */
final class CountingReader implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 300_000;

    private final Socket socket;
    private final int last;
    private final CountDownLatch opened = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile @Nullable String failure;
    private int next = 1; // the reading thread's own

    CountingReader(URI uri, int last) throws IOException {
        this.last = last;
        socket = new Socket(uri.getHost(), uri.getPort());
        socket.setSoTimeout(TIMEOUT_MILLIS);
        String request = "GET %s HTTP/1.1\r\nHost: test\r\n\r\n".formatted(uri.getRawPath());
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        Thread.ofVirtual().name("counting-reader").start(this::read);
    }

    private void read() {
        try (InputStream input = new BufferedInputStream(socket.getInputStream(), 4096)) {
            while (next <= last) {
                String line = line(input);
                if (line.startsWith("id: ")) {
                    opened.countDown();
                } else if (line.startsWith("data: ")) {
                    int number = Integer.parseInt(line.substring(6, line.indexOf(' ', 6)));
                    if (number != next) {
                        failure = "got %d instead of %d".formatted(number, next);
                        break;
                    }
                    next++;
                }
            }
        } catch (IOException | NumberFormatException e) { // a gap has no number
            failure = "broke at %d: %s".formatted(next, e);
        } finally {
            done.countDown();
        }
    }

    private static String line(InputStream input) throws IOException {
        var line = new StringBuilder();
        for (int c = input.read(); c != '\n'; c = input.read()) {
            if (c < 0) {
                throw new IOException("the stream ended");
            }
            line.append((char) c);
        }
        return line.toString();
    }

    void awaitOpen() throws InterruptedException {
        if (!opened.await(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
            throw new AssertionError("no stream was opened");
        }
    }

    /** Waits for the last number. */
    void awaitAll() throws InterruptedException {
        if (!done.await(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
            throw new AssertionError("not all events came; the next one is " + next);
        }
        if (failure != null) {
            throw new AssertionError(failure);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
