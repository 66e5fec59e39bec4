package dev.longwave.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A proxy that does one thing wrong for which a real one has no setting. It speaks HTTP/1.0 to the
 * server, so that bodies are not framed, and passes WebSockets on as they are.
 */
final class BrokenProxy implements AutoCloseable {

    private final int server;
    private final Fault fault;
    private final ServerSocket listener;
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * What it does wrong.
     *
     * @param delay for how long it holds each request back
     * @param passes which lines of bodies it passes on
     * @param duration after which time it cuts each answer
     */
    record Fault(Duration delay, Predicate<String> passes, Duration duration) {

        private static final Duration NEVER = Duration.ofDays(1);

        static Fault late(Duration delay) {
            return new Fault(delay, _ -> true, NEVER);
        }

        static Fault dropping(Predicate<String> lines) {
            return new Fault(Duration.ZERO, lines.negate(), NEVER);
        }

        static Fault cuttingAfter(Duration duration) {
            return new Fault(Duration.ZERO, _ -> true, duration);
        }
    }

    BrokenProxy(int server, Fault fault) throws IOException {
        this.server = server;
        this.fault = fault;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException _) {
            // Closed: the test is over.
        }
    }

    private void serve(Socket client) {
        try (client;
                var upstream = new Socket(InetAddress.getLoopbackAddress(), server)) {
            var in = new BufferedInputStream(client.getInputStream());
            String request = head(in);
            boolean upgrade = request.toLowerCase(Locale.ROOT).contains("upgrade: websocket");
            String passed =
                    upgrade
                            ? request
                            : request.replaceFirst(" HTTP/1.1", " HTTP/1.0")
                                    .replaceAll("(?im)^connection:.*\r\n", "");
            if (!upgrade && closed.await(fault.delay().toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
            upstream.getOutputStream().write(passed.getBytes(StandardCharsets.ISO_8859_1));
            Thread.ofVirtual().start(() -> pass(in, upstream));
            if (upgrade) {
                upstream.getInputStream().transferTo(client.getOutputStream());
            } else {
                answer(new BufferedInputStream(upstream.getInputStream()), client, upstream);
            }
        } catch (IOException _) {
            // One of them is gone, and the other one is to go, too.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(InputStream in, Socket client, Socket upstream) throws IOException {
        OutputStream out = client.getOutputStream();
        String head = head(in);
        Thread.ofVirtual().start(() -> cut(client, upstream));
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
        while (true) {
            String line = line(in);
            if (fault.passes().test(line)) {
                out.write((line + '\n').getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private void cut(Socket client, Socket upstream) {
        try (client;
                upstream) {
            var _ = closed.await(fault.duration().toNanos(), TimeUnit.NANOSECONDS);
        } catch (IOException _) {
            // They are closed already.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Passes on what the client sends, and that it leaves. */
    private static void pass(InputStream in, Socket upstream) {
        try (upstream) {
            in.transferTo(upstream.getOutputStream());
        } catch (IOException _) {
            // Gone.
        }
    }

    private static String head(InputStream in) throws IOException {
        var head = new StringBuilder();
        String line = line(in);
        while (!line.strip().isEmpty()) {
            head.append(line).append('\n');
            line = line(in);
        }
        return head.append("\r\n").toString();
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException();
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8);
    }
}
