package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.testing.WebSocketClient;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** WebSockets as streams of one HTTP/2 connection, beside requests: RFC 8441. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WebSocketOverHttp2IT {

    private static final String[] VERSION = {"sec-websocket-version", "13"};
    private static final int FIN_TEXT = WebSocketClient.FIN | WebSocketClient.TEXT;
    private static final int SETTINGS = 4;
    private static final byte[] CONNECT_PROTOCOL = {0, 8, 0, 0, 0, 1};

    private final TestServer server = TestServer.with();

    @AfterAll
    void close() {
        server.close();
    }

    private RawHttp2 connection() throws IOException {
        return new RawHttp2(server.port(), 1 << 16, 1 << 20);
    }

    private static byte[] message(String text) {
        return WebSocketClient.frame(FIN_TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The next {@code length} bytes of a stream. */
    private static byte[] data(RawHttp2 connection, int stream, int length) throws IOException {
        var data = new ByteArrayOutputStream();
        while (data.size() < length) {
            RawHttp2.Frame frame = next(connection);
            if (frame.stream() == stream && frame.type() == RawHttp2.DATA) {
                data.writeBytes(frame.payload());
            }
        }
        return data.toByteArray();
    }

    private static RawHttp2.Frame next(RawHttp2 connection) throws IOException {
        RawHttp2.Frame frame = connection.next();
        if (frame == null) {
            throw new EOFException("the connection ended");
        }
        return frame;
    }

    private static byte[] unmasked(String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        byte[] frame = new byte[2 + payload.length];
        frame[0] = (byte) FIN_TEXT;
        frame[1] = (byte) payload.length;
        System.arraycopy(payload, 0, frame, 2, payload.length);
        return frame;
    }

    @Test
    void announcesIt() throws Exception {
        try (RawHttp2 connection = connection()) {
            RawHttp2.Frame frame = next(connection);
            while (!Arrays.equals(frame.payload(), CONNECT_PROTOCOL)) {
                frame = next(connection);
            }
            assertThat(frame.type()).isEqualTo(SETTINGS);
        }
    }

    @Test
    void carriesSocketsAndRequestsOnOneConnection() throws Exception {
        try (RawHttp2 connection = connection()) {
            int one = connection.connect("/ws/h2", "websocket", VERSION);
            int two = connection.connect("/ws/h2other", "websocket", VERSION);
            connection.data(one, message("hello"), false);
            assertThat(data(connection, one, 7)).isEqualTo(unmasked("hello"));

            int request = connection.get("/history/h2");
            assertThat(new String(connection.body(request), StandardCharsets.UTF_8))
                    .contains("hello");
            connection.data(two, message("other"), false);
            assertThat(data(connection, two, 7)).isEqualTo(unmasked("other"));
        }
    }

    @Test
    void endsTheStreamAfterTheClosingHandshake() throws Exception {
        try (RawHttp2 connection = connection()) {
            int stream = connection.connect("/ws/closed", "websocket", VERSION);
            byte[] close = WebSocketClient.frame(0x88, new byte[] {3, (byte) 232});
            connection.data(stream, close, true);

            byte[] body = connection.body(stream);
            assertThat(Arrays.copyOfRange(body, body.length - 4, body.length))
                    .isEqualTo(new byte[] {(byte) 0x88, 2, 3, (byte) 232});
            int request = connection.get("/health/live");
            assertThat(connection.body(request)).isNotEmpty();
        }
        await().until(() -> server.server().openStreams() == 0);
    }

    @Test
    void noticesThatAStreamIsReset() throws Exception {
        try (RawHttp2 connection = connection()) {
            int stream = connection.connect("/ws/reset", "websocket", VERSION);
            connection.data(stream, message("x"), false);
            var _ = data(connection, stream, 3);
            assertThat(server.server().openStreams()).isEqualTo(1);

            connection.reset(stream);

            await().until(() -> server.server().openStreams() == 0);
            int request = connection.get("/health/live");
            assertThat(connection.body(request)).isNotEmpty();
        }
    }

    @Test
    void refusesOtherProtocolsAndBadHandshakes() throws Exception {
        try (RawHttp2 connection = connection()) {
            int other = connection.connect("/ws/a", "connect-udp", VERSION);
            assertThat(new String(connection.body(other), StandardCharsets.UTF_8))
                    .contains("method-not-implemented");
            int version = connection.connect("/ws/a", "websocket", "sec-websocket-version", "8");
            assertThat(new String(connection.body(version), StandardCharsets.UTF_8))
                    .contains("upgrade-required");
            int path = connection.connect("/nothing", "websocket", VERSION);
            assertThat(new String(connection.body(path), StandardCharsets.UTF_8))
                    .contains("not-found");
        }
    }

    @Test
    void endsAConnectionThatBreaksARuleAndNoOther() throws Exception {
        try (RawHttp2 connection = connection()) {
            int good = connection.connect("/ws/good", "websocket", VERSION);
            int bad = connection.connect("/ws/bad", "websocket", VERSION);
            connection.data(bad, unmasked("no mask"), false);

            byte[] body = connection.body(bad);
            assertThat(body).startsWith((byte) 0x88).contains(3, 234);
            connection.data(good, message("on"), false);
            assertThat(data(connection, good, 4)).isEqualTo(unmasked("on"));
        }
    }
}
