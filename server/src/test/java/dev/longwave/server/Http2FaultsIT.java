package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.http.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong with one request of an HTTP/2 connection, and what becomes of the others. */
final class Http2FaultsIT {

    private static final int NO_ERROR = 0;
    private static final int PROTOCOL_ERROR = 1;
    private static final int REFUSED_STREAM = 7;
    private static final int ENHANCE_YOUR_CALM = 0xb;
    private static final int MAX_STREAMS = 256;
    private static final int FLOOD = 1_100;
    private static final String LONG = "x".repeat(5_000);

    private final TestServer server = TestServer.with();
    private final RawHttp2 client;
    private final List<RawHttp2.Frame> seen = new ArrayList<>();

    Http2FaultsIT() throws IOException {
        client = new RawHttp2(server.port(), 1 << 16, RawHttp2.LARGEST_WINDOW);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(400, "GET", "/events/a%zz", new String[0]),
                Arguments.of(400, "GET", "nowhere", new String[0]),
                Arguments.of(400, "G(T", "/events/t", new String[0]),
                Arguments.of(400, "GET", "/events/t", new String[] {"host", "elsewhere"}),
                Arguments.of(400, "POST", "/events/t", new String[] {"content-length", "abc"}),
                Arguments.of(400, "GET", "/events/t", new String[] {"connection", "close"}),
                Arguments.of(400, "GET", "/events/t", new String[] {"X-Upper", "1"}),
                Arguments.of(400, "GET", "/events/t", new String[] {"x", "a\r\nb: c"}),
                Arguments.of(414, "GET", "/events/" + LONG, new String[] {"x", LONG}),
                Arguments.of(431, "GET", "/events/t", new String[] {"x", LONG, "y", LONG}),
                Arguments.of(501, "CONNECT", "/", new String[0]));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesARequestAndGoesOn(int status, String method, String path, String[] headers)
            throws Exception {
        int alive = client.get("/events/alive");
        dataUntil(alive, "\n");

        int refused = client.request(method, path, true, headers);

        JsonNode problem = problem(refused);
        assertThat(problem.get("status").intValue()).isEqualTo(status);
        assertThat(problem.get("type").textValue()).startsWith("urn:longwave:problem:");
        var _ = server.publish("alive", "still there");
        assertThat(dataUntil(alive, "still there")).contains("data: still there");
    }

    @Test
    void refusesAHeadRequestWithoutABody() throws Exception {
        int refused = client.request("HEAD", "/events/a%zz", true);

        assertThat(dataUntil(refused, "")).isEmpty();
    }

    /** The answer waits for the window; the other requests do not wait for the answer. */
    @Test
    void answersAsTheWindowOfTheStreamAllows() throws Exception {
        try (var closed = new RawHttp2(server.port(), 1 << 16, 0)) {
            int refused = closed.request("GET", "/events/a%zz", true);
            RawHttp2.@Nullable Frame frame;
            do {
                frame = closed.next();
                assertThat(frame).isNotNull();
            } while (frame.stream() != refused);

            closed.send(
                    ByteBuffer.allocate(13)
                            .putInt(4 << 8 | 8)
                            .put((byte) 0)
                            .putInt(refused)
                            .putInt(1_000)
                            .array());

            do {
                frame = closed.next();
                assertThat(frame).isNotNull();
            } while (!frame.endsStream());
            assertThat(new String(frame.payload(), StandardCharsets.UTF_8)).contains("400");
        }
    }

    /** Helidon waits for the rest for ever. */
    @Test
    void asksAClientToStopWhatNobodyReads() throws Exception {
        int nowhere = client.request("POST", "/nowhere", false, "content-length", "9999999");
        client.data(nowhere, "x".repeat(10_000), false);

        assertThat(problem(nowhere).get("status").intValue()).isEqualTo(404);
        assertThat(resetOf(nowhere)).isEqualTo(NO_ERROR);
        for (int i = 0; i < 300; i++) { // more than the window of the connection
            client.data(nowhere, "x".repeat(16_000), false);
        }
        int next = client.post("/events/t", "text/plain");
        client.data(next, "after that", true);
        assertThat(dataUntil(next, "}")).contains("\"id\"");
    }

    @Test
    void takesTheRestOfARequestThatIsAnsweredEarly() throws Exception {
        int nowhere = client.request("POST", "/nowhere", false);
        assertThat(problem(nowhere).get("status").intValue()).isEqualTo(404);
        client.data(nowhere, "the rest", true);

        int next = client.get("/history/t");

        assertThat(dataUntil(next, "}")).contains("\"events\"");
        assertThat(seen).noneMatch(frame -> frame.type() == RawHttp2.RST_STREAM);
    }

    /** A stream that never reads it would keep all others from being read. */
    @Test
    void discardsTheBodyOfARequestForAStream() throws Exception {
        int listening = client.request("GET", "/events/t", false);
        dataUntil(listening, "\n");
        for (int i = 0; i < 100; i++) {
            client.data(listening, "x", false);
        }

        var _ = server.publish("t", "still there");

        assertThat(dataUntil(listening, "still there")).contains("data: still there");
        assertThat(dataUntil(client.get("/history/t"), "}")).contains("\"events\"");
    }

    @Test
    void resetsARequestWhoseBodyIsNotAsLongAsAnnounced() throws Exception {
        int wrong = client.request("POST", "/events/t", false, "content-length", "3");
        client.data(wrong, "four", true);

        assertThat(resetOf(wrong)).isEqualTo(PROTOCOL_ERROR);
        assertThat(dataUntil(client.get("/history/t"), "}")).contains("\"events\":[]");
    }

    /** Helidon 4.5.0 loops for ever over the second one. */
    @Test
    void takesHeadersLargerThanTheTable() throws Exception {
        for (int i = 0; i < 4; i++) {
            var block = new ByteArrayOutputStream();
            block.writeBytes(new byte[] {(byte) 0x82, (byte) 0x86, 0x04, 10});
            block.writeBytes("/history/t".getBytes(StandardCharsets.US_ASCII));
            block.writeBytes(new byte[] {0x01, 1, 'h', 0x40, 1, 'x', 127, (byte) 137, 38});
            block.writeBytes(LONG.getBytes(StandardCharsets.US_ASCII));

            int stream = client.headers(block.toByteArray(), true);

            assertThat(dataUntil(stream, "}")).contains("\"events\"");
        }
    }

    @Test
    void letsABrowserCloseAllItsTabsAndOpenThemAgain() throws Exception {
        for (int round = 0; round < 3; round++) {
            List<Integer> tabs = new ArrayList<>();
            for (int i = 0; i < MAX_STREAMS - 1; i++) {
                tabs.add(client.get("/events/t"));
            }
            dataUntil(tabs.getLast(), "\n");
            for (int tab : tabs) {
                client.reset(tab);
            }
        }

        assertThat(dataUntil(client.get("/history/t"), "}")).contains("\"events\"");
        assertThat(seen)
                .noneMatch(frame -> frame.type() == RawHttp2.GOAWAY)
                .noneMatch(Http2FaultsIT::isRefusal);
    }

    private static boolean isRefusal(RawHttp2.Frame frame) {
        return frame.type() == RawHttp2.RST_STREAM
                && ByteBuffer.wrap(frame.payload()).getInt() == REFUSED_STREAM;
    }

    @Test
    void endsAConnectionThatOnlyMakesRequestsToResetThem() throws Exception {
        try {
            for (int i = 0; i < FLOOD; i++) {
                client.reset(client.get("/history/t"));
            }
        } catch (IOException _) {
            // It has ended.
        }

        assertThat(goAway()).isEqualTo(ENHANCE_YOUR_CALM);
        assertThat(server.get("/history/t").statusCode()).isEqualTo(200);
    }

    private int goAway() throws IOException {
        RawHttp2.@Nullable Frame frame;
        while ((frame = next()) != null) {
            if (frame.type() == RawHttp2.GOAWAY) {
                return ByteBuffer.wrap(frame.payload()).getInt(Integer.BYTES);
            }
        }
        return -1;
    }

    private int resetOf(int stream) throws IOException {
        RawHttp2.@Nullable Frame frame;
        while ((frame = next()) != null) {
            if (frame.type() == RawHttp2.RST_STREAM && frame.stream() == stream) {
                return ByteBuffer.wrap(frame.payload()).getInt();
            }
        }
        return -1;
    }

    private JsonNode problem(int stream) throws IOException {
        byte[] body = dataUntil(stream, "}").getBytes(StandardCharsets.UTF_8);
        return Json.parse(body, 0, body.length);
    }

    /** What comes on {@code stream} until it ends, or contains {@code last}. */
    private String dataUntil(int stream, String last) throws IOException {
        var data = new StringBuilder();
        while (last.isEmpty() || data.indexOf(last) < 0) {
            RawHttp2.Frame frame = next();
            if (frame == null || frame.type() == RawHttp2.GOAWAY) {
                throw new IOException("ended after: " + data + " " + frame);
            }
            if (frame.stream() == stream) {
                if (frame.type() == RawHttp2.DATA) {
                    data.append(new String(frame.payload(), StandardCharsets.UTF_8));
                }
                if (frame.endsStream()) {
                    break;
                }
                if (frame.type() == RawHttp2.RST_STREAM) {
                    throw new IOException("reset after: " + data);
                }
            }
        }
        return data.toString();
    }

    private RawHttp2.@Nullable Frame next() throws IOException {
        RawHttp2.Frame frame = client.next();
        if (frame != null) {
            seen.add(frame);
        }
        return frame;
    }
}
