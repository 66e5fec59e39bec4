package dev.longwave.server.ws;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.TestServer;
import dev.longwave.server.http.Json;
import dev.longwave.testing.WebSocketClient;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The raw endpoint: what goes in, what comes out, and what is refused how. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RawWebSocketIT {

    private static final String ENVELOPES = "Sec-WebSocket-Protocol: longwave.v1.json";

    private final TestServer server = TestServer.with("sse.heartbeat-interval=PT0.2S");

    @AfterAll
    void close() {
        server.close();
    }

    private WebSocketClient connect(String path, String... fields) throws IOException {
        return WebSocketClient.connect(URI.create(server.url(path)), fields);
    }

    private static JsonNode json(WebSocketClient client) throws IOException {
        byte[] text = client.readData().payload();
        return Json.parse(text, 0, text.length);
    }

    /** The next message that is no heartbeat. */
    private static JsonNode event(WebSocketClient client) throws IOException {
        JsonNode next = json(client);
        while (next.has("cursor")) {
            next = json(client);
        }
        return next;
    }

    @Test
    void carriesTextInBothDirections() throws Exception {
        try (WebSocketClient client = connect("/ws/chat")) {
            client.text("héllo");

            WebSocketClient.Frame frame = client.readData();
            assertThat(frame.opcode()).isEqualTo(WebSocketClient.TEXT);
            assertThat(frame.text()).isEqualTo("héllo");
        }
    }

    @Test
    void carriesBinaryDataByteForByte() throws Exception {
        byte[] data = new byte[60_000];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i * 31);
        }
        try (WebSocketClient client = connect("/ws/device")) {
            client.binary(data);

            WebSocketClient.Frame frame = client.readData();
            assertThat(frame.opcode()).isEqualTo(WebSocketClient.BINARY);
            assertThat(frame.payload()).isEqualTo(data);
        }
    }

    @Test
    void publishesForOtherTransports() throws Exception {
        try (WebSocketClient client = connect("/ws/mixed")) {
            client.text("from a socket");
            var _ = client.readData();

            assertThat(server.get("/history/mixed").body()).contains("from a socket");
            var _ = server.publish("mixed", "from a request");
            assertThat(client.readData().text()).isEqualTo("from a request");
        }
    }

    @Test
    void resumesFromACursorOfAnyTransport() throws Exception {
        String id = server.publish("resumed", "one");
        var _ = server.publish("resumed", "two");

        for (String query : new String[] {"lastEventId=" + id, "since=" + id}) {
            try (WebSocketClient client = connect("/ws/resumed?" + query)) {
                assertThat(client.readData().text()).isEqualTo("two");
            }
        }
    }

    @Test
    void sendsEnvelopesToClientsThatAskForThem() throws Exception {
        try (WebSocketClient client = connect("/ws/room?topic=other", ENVELOPES)) {
            assertThat(client.head().header("sec-websocket-protocol"))
                    .isEqualTo("longwave.v1.json");
            String cursor = json(client).path("cursor").textValue();
            client.text("{\"topic\":\"other\",\"type\":\"t\",\"data\":{\"a\":1},\"ref\":7}");

            JsonNode one = event(client);
            JsonNode two = event(client);
            JsonNode published = one.has("ref") ? one : two;
            JsonNode event = one.has("ref") ? two : one;
            assertThat(published.path("ref").intValue()).isEqualTo(7);
            assertThat(published.path("published").path("durability").isTextual()).isTrue();
            assertThat(event.path("topic").textValue()).isEqualTo("other");
            assertThat(event.path("type").textValue()).isEqualTo("t");
            assertThat(event.path("data").textValue()).isEqualTo("{\"a\":1}");
            try (WebSocketClient again =
                    connect("/ws/room?topic=other&lastEventId=" + cursor, ENVELOPES)) {
                assertThat(event(again)).isEqualTo(event);
            }
        }
    }

    @Test
    void tellsOfProblemsInEnvelopesAndGoesOn() throws Exception {
        try (WebSocketClient client = connect("/ws/problems", ENVELOPES)) {
            client.text("no json");
            assertThat(event(client).path("problem").path("type").textValue())
                    .isEqualTo("urn:longwave:problem:json-malformed");
            client.text("{\"data\":\"x\",\"typ\":\"t\",\"ref\":\"r\"}");
            JsonNode answer = event(client);
            assertThat(answer.path("ref").textValue()).isEqualTo("r");
            assertThat(answer.path("problem").path("status").intValue()).isEqualTo(400);
            client.text("{\"data\":\"fine\"}");
            assertThat(event(client).path("data").textValue()).isEqualTo("fine");
        }
    }

    @Test
    void tellsOfAGap() throws Exception {
        String id = server.publish("gaps", "x");
        String gone = id.replaceFirst("\\.[^-]*", ".zzz");
        try (WebSocketClient client = connect("/ws/gaps?lastEventId=" + gone, ENVELOPES)) {
            JsonNode gap = event(client);
            assertThat(gap.path("gap").textValue()).isEqualTo("epoch-changed");
        }
        try (WebSocketClient client = connect("/ws/gaps?lastEventId=" + gone)) {
            WebSocketClient.Frame close = client.readData();
            assertThat(close.code()).isEqualTo(4000);
            assertThat(close.reason()).startsWith("gap: ");
        }
    }

    @Test
    void endsWithItsTopics() throws Exception {
        try (WebSocketClient client = connect("/ws/ending")) {
            var _ =
                    server.send(
                            server.request("/events/ending?end=true")
                                    .POST(HttpRequest.BodyPublishers.ofString("last"))
                                    .build());
            assertThat(client.readData().text()).isEqualTo("last");
            WebSocketClient.Frame close = client.readData();
            assertThat(close.code()).isEqualTo(1000);
            assertThat(close.reason()).isEqualTo("ended");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/ws/a, Sec-WebSocket-Version: 12, 426", // beside 13
        "/ws/a, Sec-WebSocket-Key: short, 400",
        "/ws/, X: y, 400",
        "/ws, X: y, 400",
        "/ws/a//b, X: y, 400",
        "/ws/a?lastEventId=nonsense, X: y, 400",
        "/events2/a, X: y, 404",
    })
    void refusesWithAProblem(String path, String field, int status) throws Exception {
        try (WebSocketClient client = WebSocketClient.open(URI.create(server.url(path)), field)) {
            assertThat(client.head().status()).isEqualTo(status);
            assertThat(client.head().mediaType()).isEqualTo("application/problem+json");
        }
    }

    @Test
    void asksRequestsThatAreNoHandshakeToUpgrade() throws Exception {
        var response = server.get("/ws/a");

        assertThat(response.statusCode()).isEqualTo(426);
        assertThat(response.headers().firstValue("upgrade")).contains("websocket");
        assertThat(response.body()).contains("upgrade-required");
    }

    /** RFC 6455, section 4.1: nothing but GET can begin one. */
    @Test
    void opensNoneForHead() throws Exception {
        URI url = URI.create(server.url("/ws/a"));
        var socket = new Socket(url.getHost(), url.getPort());
        var request =
                """
                HEAD /ws/a HTTP/1.1
                Host: localhost
                Upgrade: websocket
                Connection: Upgrade
                Sec-WebSocket-Version: 13
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

                """
                        .replace("\n", "\r\n");
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        try (WebSocketClient client = WebSocketClient.read(socket)) {
            assertThat(client.head().status()).isEqualTo(400);
        }
    }

    @Test
    void endsAConnectionWhoseMessageCannotBePublished() throws Exception {
        try (WebSocketClient client = connect("/ws/a?topic=b")) {
            client.text("to which?");
            WebSocketClient.Frame close = client.readData();
            assertThat(close.code()).isEqualTo(1008);
            assertThat(close.reason()).isEqualTo("topic-missing");
        }
        try (WebSocketClient client = connect("/ws/a")) {
            client.text("x".repeat(100_000));
            WebSocketClient.Frame close = client.readData();
            assertThat(close.code()).isEqualTo(1009);
            assertThat(close.reason()).isEqualTo("data-too-large");
        }
    }

    @Test
    void pingsQuietConnectionsAndGivesUpThoseThatDoNotAnswer() throws Exception {
        try (WebSocketClient client = connect("/ws/quiet")) {
            assertThat(client.read().opcode()).isEqualTo(WebSocketClient.PING);
            client.send(WebSocketClient.FIN | WebSocketClient.PONG, new byte[0]);
            assertThat(client.read().opcode()).isEqualTo(WebSocketClient.PING);
            assertThat(client.read().opcode()).isEqualTo(WebSocketClient.PING);
            WebSocketClient.Frame close = client.readData();
            assertThat(close.code()).isEqualTo(1008);
            assertThat(close.reason()).isEqualTo("no-pong");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 127, 65_535, 65_536})
    void carriesMessagesOfAnyLength(int length) throws Exception {
        try (TestServer large = TestServer.with("limits.data=1MiB", "ws.max-message=2MiB");
                WebSocketClient client =
                        WebSocketClient.connect(URI.create(large.url("/ws/lengths")))) {
            client.binary(new byte[length]);
            assertThat(client.readData().payload()).hasSize(length);
        }
    }

    @Test
    void takesFramesThatCameWithTheHandshake() throws Exception {
        URI url = URI.create(server.url("/ws/early"));
        var socket = new Socket(url.getHost(), url.getPort());
        byte[] frame =
                WebSocketClient.frame(
                        WebSocketClient.FIN | WebSocketClient.TEXT,
                        "early".getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream()
                .write(
                        ("GET /ws/early HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                                        + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                                        + new String(frame, StandardCharsets.ISO_8859_1))
                                .getBytes(StandardCharsets.ISO_8859_1));
        try (WebSocketClient client = WebSocketClient.read(socket)) {
            assertThat(client.readData().text()).isEqualTo("early");
        }
    }

    @Test
    void drainsWithASpreadRetry() throws Exception {
        try (TestServer other = TestServer.with();
                WebSocketClient client =
                        WebSocketClient.connect(URI.create(other.url("/ws/drained")))) {
            var closing = Thread.ofVirtual().start(other::close);
            WebSocketClient.Frame close = client.readData();
            assertThat(close.code()).isEqualTo(1012);
            assertThat(close.reason()).matches("retry=[0-9]+");
            client.closing(1012);
            assertThat(client.isEnded()).isTrue();
            closing.join();
        }
    }
}
