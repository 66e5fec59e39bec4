package dev.longwave.server.centrifuge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.TestServer;
import dev.longwave.testing.SignedToken;
import dev.longwave.testing.WebSocketClient;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the published client does not do, over a raw WebSocket. */
final class CentrifugeWireIT {

    private static final String CONNECT = "{\"id\":1,\"connect\":{}}";

    @Test
    void answersAllCommandsOfAFrameTogether() throws Exception {
        try (TestServer server = TestServer.with();
                WebSocketClient client = open(server)) {
            client.text(
                    CONNECT
                            + "\n{\"id\":2,\"subscribe\":{\"channel\":\"a\"}}"
                            + "\n\n{\"id\":3,\"unknown\":{}}"
                            + "\n{\"id\":4,\"subscribe\":{\"channel\":\"a\"}}\n");

            List<JsonNode> replies = lines(client);

            assertThat(replies).hasSize(4);
            assertThat(replies.get(0).at("/connect/ping").intValue()).isEqualTo(15);
            assertThat(replies.get(0).at("/connect/pong").booleanValue()).isTrue();
            assertThat(replies.get(1).at("/subscribe/recoverable").booleanValue()).isTrue();
            assertThat(replies.get(2).at("/error/code").intValue()).isEqualTo(104);
            assertThat(replies.get(3).at("/error/code").intValue()).isEqualTo(105);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                CONNECT + '\n' + CONNECT,
                "{\"id\":1,\"subscribe\":{\"channel\":\"a\"}}",
                "{\"id\":1,\"connect\":{}",
                "{\"connect\":{}}",
                "[]",
                "{\"id\":1,\"connect\":[]}",
                "{\"id\":\"1\",\"connect\":{}}",
                CONNECT + "\n{\"id\":2}",
                CONNECT + "\n{\"publish\":{\"channel\":\"a\",\"data\":1}}"
            })
    void endsAConnectionThatBreaksTheRules(String frame) throws Exception {
        try (TestServer server = TestServer.with();
                WebSocketClient client = open(server)) {
            client.text(frame);

            assertThat(closeCode(client)).isEqualTo(3501);
        }
    }

    @Test
    void takesNoBinaryMessages() throws Exception {
        try (TestServer server = TestServer.with();
                WebSocketClient client = open(server)) {
            client.binary(new byte[] {1});

            assertThat(closeCode(client)).isEqualTo(3506);
        }
    }

    @Test
    void givesUpAClientThatNeverConnects() throws Exception {
        try (TestServer server = TestServer.with();
                WebSocketClient client = open(server)) {
            assertThat(closeCode(client)).isEqualTo(3502);
        }
    }

    @Test
    void givesUpAClientThatAnswersNoPing() throws Exception {
        try (TestServer server = TestServer.with("sse.heartbeat-interval=PT0.2S");
                WebSocketClient client = open(server)) {
            client.text(CONNECT);

            assertThat(closeCode(client)).isEqualTo(3012);
        }
    }

    @Test
    void keepsAClientThatAnswersPings() throws Exception {
        try (TestServer server = TestServer.with("sse.heartbeat-interval=PT0.2S");
                WebSocketClient client = open(server)) {
            client.text(CONNECT);
            lines(client);
            for (int i = 0; i < 5; i++) {
                assertThat(client.readData().text()).isEqualTo("{}");
                client.text("{}");
            }
        }
    }

    @Test
    void endsWhenTheTokenIsOver() throws Exception {
        try (TestServer server = TestServer.with("auth.jwt.secret=" + SignedToken.SECRET);
                WebSocketClient client = open(server)) {
            String token = SignedToken.of("alice").expires(Instant.now().plusSeconds(2)).text();
            client.text("{\"id\":1,\"connect\":{\"token\":\"" + token + "\"}}");

            JsonNode connected = lines(client).getFirst();

            assertThat(connected.at("/connect/expires").booleanValue()).isTrue();
            assertThat(connected.at("/connect/ttl").intValue()).isEqualTo(1);
            assertThat(closeCode(client)).isEqualTo(3005);
        }
    }

    @Test
    void signsInWithATicketAndOnlyOnce() throws Exception {
        try (TestServer server = TestServer.with("auth.jwt.secret=" + SignedToken.SECRET)) {
            String ticket =
                    TestServer.json(
                                    server.post(
                                            "/tickets",
                                            "{\"purpose\":\"websocket\"}",
                                            "Authorization",
                                            SignedToken.of("alice").subscribe("a").bearer(),
                                            "Content-Type",
                                            "application/json"))
                            .get("ticket")
                            .textValue();
            URI url =
                    URI.create(
                            "ws://127.0.0.1:%d/connection/websocket?ticket=%s"
                                    .formatted(server.port(), ticket));
            try (WebSocketClient client = WebSocketClient.connect(url)) {
                client.text(
                        CONNECT
                                + "\n{\"id\":2,\"subscribe\":{\"channel\":\"a\"}}"
                                + "\n{\"id\":3,\"subscribe\":{\"channel\":\"b\"}}");

                List<JsonNode> replies = lines(client);

                assertThat(replies.get(0).at("/connect/expires").isMissingNode()).isTrue();
                assertThat(replies.get(1).has("subscribe")).isTrue();
                assertThat(replies.get(2).at("/error/code").intValue()).isEqualTo(103);
            }
            try (WebSocketClient again = WebSocketClient.open(url)) {
                assertThat(again.head().status()).isEqualTo(401);
            }
        }
    }

    @Test
    void tellsItsClientsThatTheServerStops() throws Exception {
        TestServer server = TestServer.with();
        try (WebSocketClient client = open(server)) {
            client.text(CONNECT);
            lines(client);

            Thread.ofVirtual().start(server::close);

            assertThat(closeCode(client)).isEqualTo(3001);
        } finally {
            server.close();
        }
    }

    @Test
    void keepsAnEventByteForByte() throws Exception {
        String data = "{\"a\": 1.0,\"b\":[1E400, \"\\ud800\"],\"\u20ac\":-0}";
        try (TestServer server = TestServer.with();
                WebSocketClient client = open(server)) {
            client.text(
                    CONNECT
                            + "\n{\"id\":2,\"subscribe\":{\"channel\":\"a\"}}"
                            + "\n{\"id\":3,\"publish\":{\"channel\":\"a\",\"data\":"
                            + data
                            + "}}");
            lines(client);

            String push = client.readData().text();

            assertThat(push)
                    .isEqualTo(
                            "{\"push\":{\"channel\":\"a\",\"pub\":{\"data\":"
                                    + data
                                    + ",\"offset\":1}}}");
            JsonNode history = TestServer.json(server.get("/history/a"));
            assertThat(history.at("/events/0/data").textValue()).isEqualTo(data);
        }
    }

    @Test
    void sendsTheNewestEventToAClientThatAsksForIt() throws Exception {
        try (TestServer server = TestServer.with();
                WebSocketClient client = open(server)) {
            server.publish("a", "1");
            server.publish("a", "2");
            client.text(
                    CONNECT + "\n{\"id\":2,\"subscribe\":{\"channel\":\"a\",\"recover\":true}}");

            JsonNode subscribed = lines(client).get(1).get("subscribe");

            assertThat(subscribed.get("recovered").booleanValue()).isTrue();
            assertThat(subscribed.at("/publications")).hasSize(1);
            assertThat(subscribed.at("/publications/0/data").textValue()).isEqualTo("2");
        }
    }

    @Test
    void doesNotClaimThatItHasRecoveredIfEventsAreGone() throws Exception {
        try (TestServer server =
                        TestServer.with(
                                "broker.memory.retention-count=5", "hub.topic-log-events=4");
                WebSocketClient client = open(server)) {
            client.text(CONNECT + "\n{\"id\":2,\"subscribe\":{\"channel\":\"a\"}}");
            String epoch = lines(client).get(1).at("/subscribe/epoch").textValue();
            client.text("{\"id\":3,\"unsubscribe\":{\"channel\":\"a\"}}");
            lines(client);
            for (int i = 0; i < 20; i++) {
                server.publish("a", "e" + i);
            }

            client.text(
                    "{\"id\":4,\"subscribe\":{\"channel\":\"a\",\"recover\":true,\"epoch\":\"%s\"}}"
                            .formatted(epoch));
            JsonNode gone = lines(client).getFirst().get("subscribe");
            client.text("{\"id\":5,\"unsubscribe\":{\"channel\":\"a\"}}");
            lines(client);
            client.text(
                    ("{\"id\":6,\"subscribe\":{\"channel\":\"a\",\"recover\":true,"
                                    + "\"epoch\":\"%s\",\"offset\":17}}")
                            .formatted(epoch));
            JsonNode there = lines(client).getFirst().get("subscribe");

            assertThat(gone.has("recovered")).isFalse();
            assertThat(gone.get("was_recovering").booleanValue()).isTrue();
            assertThat(gone.get("offset").intValue()).isEqualTo(20);
            assertThat(gone.has("publications")).isFalse();
            assertThat(there.get("recovered").booleanValue()).isTrue();
            assertThat(there.get("publications").findValuesAsText("data"))
                    .containsExactly("e17", "e18", "e19");
        }
    }

    private static WebSocketClient open(TestServer server) throws Exception {
        URI url = URI.create("ws://127.0.0.1:" + server.port() + "/connection/websocket");
        return WebSocketClient.open(url);
    }

    /** The JSON texts of the next message. */
    private static List<JsonNode> lines(WebSocketClient client) throws Exception {
        var lines = new ArrayList<JsonNode>();
        client.readData().text().lines().map(JsonTexts::parsed).forEach(lines::add);
        return lines;
    }

    private static int closeCode(WebSocketClient client) throws Exception {
        WebSocketClient.Frame frame = client.read();
        while (frame.opcode() != WebSocketClient.CLOSE) {
            frame = client.read();
        }
        return frame.code();
    }
}
