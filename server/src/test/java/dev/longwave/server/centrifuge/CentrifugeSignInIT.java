package dev.longwave.server.centrifuge;

import static dev.longwave.server.centrifuge.JsClient.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.TestServer;
import dev.longwave.testing.SignedToken;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The unmodified client of npm, with tokens that are refused, expire, and are revoked. */
final class CentrifugeSignInIT {

    private final Map<String, String> settings =
            TestServer.values(
                    "auth.jwt.secret=" + SignedToken.SECRET,
                    "auth.rules.staff.who=staff",
                    "auth.rules.staff.topics=a,b",
                    "auth.rules.staff.allow=subscribe,publish");
    private final TestServer server = TestServer.reading(settings);
    private final JsClient client = new JsClient();
    private final SignedToken publisher = SignedToken.of("app").publish("**");

    CentrifugeSignInIT() throws Exception {}

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void mayDoWhatItsTokenAllows(String transport) {
        connect(transport, SignedToken.of("alice").subscribe("mine").publish("inbox"));

        client.subscribes("mine");
        client.subscribes("others");

        client.awaits("subscribed", "mine");
        JsonNode refused = client.awaits("unsubscribed", "others");
        assertThat(refused.get("code").intValue()).isEqualTo(103);
        client.publishes("inbox", "x");
        JsonNode failed = client.result("publish", "mine", command -> command.put("data", "x"));
        assertThat(failed.get("code").intValue()).isEqualTo(103);
        assertThat(client.result("history", "others", _ -> {}).get("code").intValue())
                .isEqualTo(103);
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void isToldForGoodThatItsTokenIsWrong(String transport) {
        client.connects(
                transport,
                server.port(),
                tokens(SignedToken.of("alice").signedWith(SignedToken.SECRET.replace('M', 'N'))));

        assertThat(client.awaits("disconnected").get("code").intValue()).isEqualTo(3500);
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void getsAnotherTokenIfItsOwnHasExpired(String transport) {
        client.connects(
                transport,
                server.port(),
                tokens(
                        SignedToken.of("alice").expires(Instant.now().minusSeconds(60)),
                        SignedToken.of("alice").subscribe("mine")));

        client.awaits("connected");
        client.subscribes("mine");
        client.awaits("subscribed", "mine");
        assertThat(count("token")).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream"})
    void staysConnectedWithANewToken(String transport) throws Exception {
        Instant expires = Instant.now().plusSeconds(4);
        connect(
                transport,
                SignedToken.of("alice").expires(expires).subscribe("mine", "lost"),
                SignedToken.of("alice").subscribe("mine"));
        client.subscribes("mine");
        client.subscribes("lost");
        client.awaits("subscribed", "mine");
        client.awaits("subscribed", "lost");

        await().until(() -> count("token") == 2);
        JsonNode lost = client.awaits("unsubscribed", "lost");
        await().until(() -> Instant.now().isAfter(expires.plusMillis(500)));
        publish("mine", "after");

        assertThat(lost.get("code").intValue()).isEqualTo(2000);
        assertThat(client.awaits("publication").get("data").textValue()).isEqualTo("after");
        assertThat(count("connected")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream"})
    void subscribesWithATokenForThat(String transport) throws Exception {
        connect(transport, SignedToken.of("alice"));
        Instant expires = Instant.now().plusSeconds(4);
        client.subscribes(
                "$private",
                tokens(
                        SignedToken.of("alice").claim("channel", "$private").expires(expires),
                        SignedToken.of("alice").claim("channel", "$private")));
        client.awaits("subscribed", "$private");

        await().until(() -> count("token") == 3);
        await().until(() -> Instant.now().isAfter(expires.plusMillis(500)));
        publish("$private", "after");

        assertThat(client.awaits("publication").get("data").textValue()).isEqualTo("after");
        assertThat(count("subscribed")).isEqualTo(1);
    }

    @Test
    void takesNoTokenForAnotherChannelOrAnotherClient() {
        connect("websocket", SignedToken.of("alice"));
        client.subscribes("x", tokens(SignedToken.of("alice").claim("channel", "y")));
        client.subscribes("y", tokens(SignedToken.of("bob").claim("channel", "y")));
        client.subscribes("z", tokens(SignedToken.of("alice").subscribe("z")));

        for (String channel : new String[] {"x", "y", "z"}) {
            assertThat(client.awaits("unsubscribed", channel).get("code").intValue())
                    .isEqualTo(101);
        }
    }

    @Test
    void doesNotConnectWithATokenForASubscription() {
        client.connects(
                "websocket",
                server.port(),
                tokens(SignedToken.of("alice").claim("channel", "$private")));

        assertThat(client.awaits("disconnected").get("code").intValue()).isEqualTo(3500);
    }

    @Test
    void subscribesAgainWithANewTokenOnceTheOldOneIsOver() throws Exception {
        connect("websocket", SignedToken.of("alice"));
        Instant expires = Instant.now().plusSeconds(2);
        // It gets the same token when it asks, so that the subscription is over.
        SignedToken first = SignedToken.of("alice").claim("channel", "c").expires(expires);
        client.subscribes("c", tokens(first, first, SignedToken.of("alice").claim("channel", "c")));
        client.awaits("subscribed", "c");

        JsonNode over =
                client.awaits(event ->
                        event.path("event").asText().equals("subscribing")
                                && event.path("code").asInt() == 2501);
        publish("c", "missed");

        assertThat(over.get("channel").textValue()).isEqualTo("c");
        assertThat(client.awaits("subscribed", "c").get("recovered").booleanValue()).isTrue();
        assertThat(client.awaits("publication").get("data").textValue()).isEqualTo("missed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void isSubscribedByItsToken(String transport) throws Exception {
        connect(transport, SignedToken.of("alice").claims("channels", "news", "users/alice"));
        JsonNode subscribed = client.awaits("subscribed", "news");
        client.awaits("subscribed", "users/alice");
        publish("news", "1");
        client.awaits("publication", "news");

        client.does("cut");
        client.awaits("connecting");
        publish("news", "2");

        JsonNode again = client.awaits("subscribed", "news");
        assertThat(subscribed.get("server").booleanValue()).isTrue();
        assertThat(again.get("recovered").booleanValue()).isTrue();
        assertThat(client.awaits("publication", "news").get("data").textValue()).isEqualTo("2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void isDisconnectedForGoodWhenItIsRevoked(String transport) throws Exception {
        connect(transport, SignedToken.of("alice").subscribe("a"));
        client.subscribes("a");
        client.awaits("subscribed");

        admin("revoke", "{\"subject\":\"alice\"}");

        assertThat(client.awaits("disconnected").get("code").intValue()).isEqualTo(3503);
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void comesBackWhenItIsDisconnected(String transport) throws Exception {
        connect(transport, SignedToken.of("alice").subscribe("a"));
        client.subscribes("a");
        client.awaits("subscribed");

        admin("disconnect", "{\"subject\":\"alice\"}");

        client.awaits(event ->
                event.path("event").asText().equals("connecting")
                        && event.path("code").asInt() == 3011);
        assertThat(client.awaits("subscribed").get("recovered").booleanValue()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void losesOnlyTheTopicThatItMayNotReadAnyMore(String transport) throws Exception {
        connect(transport, SignedToken.of("alice").claim("roles", "staff"));
        client.subscribes("a");
        client.subscribes("b");
        client.awaits("subscribed", "a");
        client.awaits("subscribed", "b");
        settings.put("auth.rules.staff.topics", "b");

        admin("reload", "");

        assertThat(client.awaits("unsubscribed", "a").get("code").intValue()).isEqualTo(2000);
        publish("a", "not for it");
        publish("b", "still there");
        assertThat(client.awaits("publication").get("data").textValue()).isEqualTo("still there");
        assertThat(count("connected")).isEqualTo(1);
    }

    private void connect(String transport, SignedToken... tokens) {
        client.connects(transport, server.port(), tokens(tokens));
        client.awaits("connected");
    }

    private long count(String event) {
        return client.events().stream()
                .filter(json -> json.path("event").asText().equals(event))
                .count();
    }

    private void publish(String topic, String data) throws Exception {
        assertThat(
                        server.post("/events/" + topic, data, "Authorization", publisher.bearer())
                                .statusCode())
                .isEqualTo(200);
    }

    private void admin(String command, String body) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(server.server().adminUrl() + "/admin/" + command))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        assertThat(server.send(request).statusCode()).isIn(200, 202);
    }
}
