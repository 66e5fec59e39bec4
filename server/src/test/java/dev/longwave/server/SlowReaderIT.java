package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.Message;
import dev.longwave.server.http.Json;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A client that reads slowly and steadily gets all of a response, however many deadlines that
 * takes.
 *
 * <p>With {@code -Dlongwave.slow-reader=full} it reads 3 MB at 5 kB/s with the default deadlines,
 * which takes ten minutes for each protocol; otherwise everything is in proportion.
 */
final class SlowReaderIT {

    private static final boolean FULL = "full".equals(System.getProperty("longwave.slow-reader"));
    private static final int EVENTS = FULL ? 20 : 2;
    private static final int BYTES_PER_SECOND = FULL ? 5_000 : 50_000;
    private static final Duration WRITE_DEADLINE = Duration.ofSeconds(FULL ? 30 : 2);
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(FULL ? 300 : 3);
    private static final int SMALLEST_BUFFER = 4096;

    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?i)content-length: *([0-9]+)");

    /** How a client reads. */
    enum Client {
        HTTP_1,
        /** Without a window that would need to be opened, so it sends nothing. */
        HTTP_2
    }

    @ParameterizedTest
    @EnumSource
    void getsAllOfAPage(Client client) throws Exception {
        try (TestServer server =
                TestServer.with(
                        "net.write-deadline=" + WRITE_DEADLINE,
                        "net.idle-timeout=" + IDLE_TIMEOUT)) {
            // About 150 kB of JSON: a control character takes six bytes in it.
            byte[] data = "\u0001\u0001xxx".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < EVENTS; i++) {
                server.server().publish("t", Message.of(data));
            }
            byte[] page = null;
            while (page == null) {
                page = page(server, client);
            }

            JsonNode parsed = Json.parse(page, 0, page.length);

            assertThat(page.length).isGreaterThan(EVENTS * 150_000);
            assertThat(parsed.get("events")).hasSize(EVENTS);
        }
    }

    /** Null if the machine was so busy that the client was no steady reader. */
    private static byte @Nullable [] page(TestServer server, Client client) throws IOException {
        var pace = new Pace();
        try {
            byte[] page =
                    switch (client) {
                        case HTTP_1 -> http1(server.port(), pace);
                        case HTTP_2 -> http2(server.port(), pace);
                    };
            // The whole takes longer than any of the deadlines.
            assertThat(Duration.ofSeconds(page.length / BYTES_PER_SECOND))
                    .isGreaterThan(WRITE_DEADLINE)
                    .isGreaterThan(IDLE_TIMEOUT);
            return page;
        } catch (IOException e) {
            if (pace.wasHeldUp()) {
                return null;
            }
            throw e;
        }
    }

    private static byte[] http1(int port, Pace pace) throws IOException {
        try (var socket = new Socket()) {
            socket.setReceiveBufferSize(SMALLEST_BUFFER);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.getOutputStream()
                    .write(
                            "GET /history/t HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            InputStream in = new SlowInput(socket.getInputStream(), pace);
            int length = contentLength(in);
            byte[] page = in.readNBytes(length);
            if (page.length < length) {
                throw new IOException("cut after %d of %d bytes".formatted(page.length, length));
            }
            return page;
        }
    }

    /** Reads the head of a response. */
    private static int contentLength(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("cut within the head");
            }
            head.append((char) next);
        }
        Matcher length = CONTENT_LENGTH.matcher(head);
        assertThat(length.find()).as(head.toString()).isTrue();
        return Integer.parseInt(length.group(1));
    }

    private static byte[] http2(int port, Pace pace) throws IOException {
        try (var connection = new RawHttp2(port, SMALLEST_BUFFER, RawHttp2.LARGEST_WINDOW)) {
            connection.readThrough(in -> new SlowInput(in, pace));
            connection.get("/history/t");
            var page = new ByteArrayOutputStream();
            while (true) {
                RawHttp2.Frame frame = connection.next();
                if (frame == null || frame.type() == RawHttp2.RST_STREAM) {
                    throw new IOException("cut after %d bytes".formatted(page.size()));
                }
                if (frame.type() == RawHttp2.DATA) {
                    page.writeBytes(frame.payload());
                }
                if (frame.endsStream()) {
                    return page.toByteArray();
                }
            }
        }
    }

    /** Says when the next bytes are due, and notices when the reader came late to them. */
    private static final class Pace {
        private long due = System.nanoTime();
        private long longestDelay;

        int next() {
            LockSupport.parkNanos(due - System.nanoTime());
            long now = System.nanoTime();
            longestDelay = Math.max(longestDelay, now - due);
            due = Math.max(due, now) + Duration.ofMillis(100).toNanos();
            return BYTES_PER_SECOND / 10;
        }

        boolean wasHeldUp() {
            return longestDelay > WRITE_DEADLINE.toNanos() / 4;
        }
    }

    private static final class SlowInput extends FilterInputStream {
        private final Pace pace;
        private int allowed;

        SlowInput(InputStream in, Pace pace) {
            super(in);
            this.pace = pace;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (allowed == 0) {
                allowed = pace.next();
            }
            int count = in.read(bytes, offset, Math.min(length, allowed));
            allowed -= Math.max(count, 0);
            return count;
        }
    }
}
