package dev.longwave.server.centrifuge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.TestServer;
import dev.longwave.testing.SignedToken;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Presence, and who joins and leaves, as the unmodified client of npm sees it. */
final class CentrifugePresenceIT {

    /** Over HTTP, that a client is gone shows when it is written to: with a heartbeat. */
    private final TestServer server =
            TestServer.with("presence.grace=PT0.2S", "sse.heartbeat-interval=PT1S");

    private final JsClient ann = new JsClient();
    private final JsClient bob = new JsClient();

    CentrifugePresenceIT() throws Exception {}

    @AfterEach
    void close() {
        ann.close();
        bob.close();
        server.close();
    }

    private void connect(JsClient client, String transport, String name) {
        client.connects(
                transport,
                server.port(),
                command -> command.withObject("/options").putObject("data").put("name", name));
        client.awaits("connected");
    }

    private static void subscribe(JsClient client) {
        client.subscribes("room", command -> command.putObject("options").put("joinLeave", true));
        client.awaits("subscribed", "room");
    }

    private int users() {
        return ann.result("presenceStats", "room", _ -> {}).at("/value/numUsers").intValue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void tellsWhoIsThereAndWhoComesAndGoes(String transport) throws Exception {
        connect(ann, transport, "Ann");
        connect(bob, transport, "Bob");
        subscribe(ann);
        await().until(() -> users() == 1);

        subscribe(bob);

        JsonNode join =
                ann.awaits(event ->
                        event.path("event").asText().equals("join")
                                && event.at("/info/connInfo/name").asText().equals("Bob"));
        await().until(() -> users() == 2);
        String connection = join.at("/info/client").asText();
        JsonNode present = ann.result("presence", "room", _ -> {}).at("/value/clients");
        assertThat(present).hasSize(2);
        assertThat(present.path(connection).at("/connInfo/name").asText()).isEqualTo("Bob");
        assertThat(server.get("/presence/room").body()).contains("\"name\":\"Ann\"");

        bob.does("disconnect");

        JsonNode leave = ann.awaits("leave", "room");
        assertThat(leave.at("/info/client").asText()).isEqualTo(connection);
        await().until(() -> users() == 1);
    }

    @Test
    void showsWhatATokenSaysOfItsClient() throws Exception {
        SignedToken token =
                SignedToken.of("ann-1")
                        .subscribe("room")
                        .presence("room")
                        .info("{\"name\":\"Ann\"}");
        try (TestServer closed = TestServer.with("auth.jwt.secret=" + SignedToken.SECRET)) {
            ann.connects("websocket", closed.port(), JsClient.tokens(token));
            ann.awaits("connected");
            ann.subscribes("room");
            ann.awaits("subscribed", "room");

            await().until(() -> users() == 1);
            JsonNode clients = ann.result("presence", "room", _ -> {}).at("/value/clients");
            JsonNode member = clients.iterator().next();
            assertThat(member.path("user").asText()).isEqualTo("ann-1");
            assertThat(member.at("/connInfo/name").asText()).isEqualTo("Ann");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket"})
    void countsAConnectionThatBreaksOnce(String transport) throws Exception {
        connect(ann, transport, "Ann");
        connect(bob, transport, "Bob");
        subscribe(ann);
        subscribe(bob);
        await().until(() -> users() == 2);

        bob.does("cut");
        bob.awaits("connected");

        await().until(() -> users() == 2);
        assertThat(server.get("/presence/room?counts=true").body()).contains("\"connections\":2");
    }
}
