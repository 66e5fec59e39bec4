package dev.longwave.server.centrifuge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.TestServer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The unmodified client of npm, over each transport, at a server that is open to everyone. */
final class CentrifugeClientIT {

    private final TestServer server = TestServer.with();
    private final JsClient client = new JsClient();

    CentrifugeClientIT() throws Exception {}

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void subscribesAndPublishes(String transport) throws Exception {
        connect(transport);
        client.subscribes("room:1");
        JsonNode subscribed = client.awaits("subscribed", "room:1");

        client.publishes("room:1", "hello \u20ac");

        assertThat(subscribed.get("recoverable").booleanValue()).isTrue();
        JsonNode publication = client.awaits("publication", "room:1");
        assertThat(publication.get("data").textValue()).isEqualTo("hello \u20ac");
        assertThat(publication.get("offset").longValue())
                .isGreaterThan(subscribed.at("/streamPosition/offset").longValue());
        assertThat(publication.has("tags")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void receivesWhatIsPublishedOverHttp(String transport) throws Exception {
        connect(transport);
        client.subscribes("a/b");
        client.awaits("subscribed", "a/b");

        server.publish("a/b", "{\n \"x\": [1]}");
        server.post("/events/a/b?type=greeting", "plain\ntext");

        assertThat(client.awaits("publication").at("/data/x/0").intValue()).isEqualTo(1);
        JsonNode second = client.awaits("publication");
        assertThat(second.get("data").textValue()).isEqualTo("plain\ntext");
        assertThat(second.at("/tags/type").textValue()).isEqualTo("greeting");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void recoversWhatItHasMissed(String transport) throws Exception {
        connect(transport);
        client.subscribes("a");
        client.awaits("subscribed", "a");
        server.publish("a", "1");
        client.awaits("publication");

        client.does("cut");
        client.awaits("connecting");
        List<String> missed = IntStream.range(2, 8).mapToObj(Integer::toString).toList();
        for (String each : missed) {
            server.publish("a", each);
        }
        JsonNode again = client.awaits("subscribed", "a");
        server.publish("a", "8");

        assertThat(again.get("wasRecovering").booleanValue()).isTrue();
        assertThat(again.get("recovered").booleanValue()).isTrue();
        await().until(() -> client.received("a").size() == 8);
        assertThat(client.received("a")).containsExactly("1", "2", "3", "4", "5", "6", "7", "8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void subscribesToManyAtOnce(String transport) throws Exception {
        List<String> channels = IntStream.range(0, 128).mapToObj(i -> "c" + i).toList();
        client.connects(transport, server.port(), _ -> {});
        channels.forEach(client::subscribes);

        await().until(() -> subscribed() == 128);
        client.subscribes("one too many");

        assertThat(client.awaits("unsubscribed", "one too many").get("code").intValue())
                .isEqualTo(106);
        for (String channel : channels) {
            server.publish(channel, channel);
        }
        await().until(() -> channels.stream().allMatch(c -> client.received(c).equals(List.of(c))));
    }

    private long subscribed() {
        return client.events().stream()
                .filter(event -> event.path("event").asText().equals("subscribed"))
                .count();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void leavesAChannelAndComesBack(String transport) throws Exception {
        connect(transport);
        client.subscribes("a");
        client.awaits("subscribed", "a");

        client.result("unsubscribe", "a", _ -> {});
        client.awaits("unsubscribed", "a");
        await().until(() -> server.server().subscriptions() == 0);
        server.publish("a", "missed");
        client.result("resubscribe", "a", _ -> {});

        JsonNode again = client.awaits("subscribed", "a");
        assertThat(again.get("recovered").booleanValue()).isTrue();
        assertThat(client.awaits("publication").get("data").textValue()).isEqualTo("missed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void readsHistory(String transport) throws Exception {
        for (int i = 1; i <= 5; i++) {
            server.publish("a", "e" + i);
        }
        connect(transport);

        JsonNode top = history("{}");
        JsonNode all = history("{\"limit\":-1}");
        JsonNode newest = history("{\"limit\":2,\"reverse\":true}");
        JsonNode after =
                history(
                        "{\"limit\":2,\"since\":{\"offset\":%d,\"epoch\":\"%s\"}}"
                                .formatted(
                                        all.at("/publications/1/offset").longValue(),
                                        all.get("epoch").textValue()));

        assertThat(top.get("publications")).isEmpty();
        assertThat(top.get("offset")).isEqualTo(all.at("/publications/4/offset"));
        assertThat(data(all)).containsExactly("e1", "e2", "e3", "e4", "e5");
        assertThat(data(newest)).containsExactly("e5", "e4");
        assertThat(data(after)).containsExactly("e3", "e4");
        assertThat(after.get("offset")).isEqualTo(top.get("offset"));
        assertThat(
                        client.result(
                                        "history",
                                        "a",
                                        command ->
                                                command.set(
                                                        "options",
                                                        json(
                                                                "{\"limit\":1,\"since\":"
                                                                    + "{\"offset\":1,\"epoch\":\"x\"}}")))
                                .get("code")
                                .intValue())
                .isEqualTo(112);
    }

    private JsonNode history(String options) {
        return client.result("history", "a", command -> command.set("options", json(options)))
                .get("value");
    }

    private static JsonNode json(String text) {
        return JsonTexts.parsed(text);
    }

    private static List<String> data(JsonNode history) {
        return history.get("publications").findValuesAsText("data");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void isToldWhatThereIsNot(String transport) {
        connect(transport);

        assertThat(
                        client.result("rpc", "a", command -> command.put("method", "m"))
                                .get("code")
                                .intValue())
                .isEqualTo(108);
        client.subscribes("a//b");
        assertThat(client.awaits("unsubscribed", "a//b").get("code").intValue()).isEqualTo(102);
        client.result("send", "a", command -> command.put("data", "x"));
        client.publishes("a", "still connected");
    }

    private void connect(String transport) {
        client.connects(transport, server.port(), _ -> {});
        assertThat(client.awaits("connected").get("transport").textValue()).isEqualTo(transport);
    }
}
