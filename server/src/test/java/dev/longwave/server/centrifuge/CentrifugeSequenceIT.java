package dev.longwave.server.centrifuge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.TestServer;
import dev.longwave.testing.EventSourceClient;
import dev.longwave.testing.ReceivedEvent;
import java.net.URI;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients receive of one topic while they are cut off, and when the server starts anew. */
final class CentrifugeSequenceIT {

    private static final int EVENTS = 300;
    private static final int CUT_EVERY = 60;

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "http_stream", "sse"})
    void receivesTheSameSequenceAsAnEventSource(String transport) throws Exception {
        try (TestServer server = TestServer.with();
                var client = new JsClient();
                var source = EventSourceClient.to(URI.create(server.url("/events/a"))).open()) {
            client.connects(transport, server.port(), _ -> {});
            client.subscribes("a");
            client.awaits("subscribed");
            source.awaitOpen();

            var published = new ArrayList<String>();
            for (int i = 0; i < EVENTS; i++) {
                String data = "event " + i;
                if (i % 2 == 0) {
                    server.publish("a", data);
                    published.add(data);
                } else {
                    // By the client, which publishes JSON.
                    client.publishes("a", data);
                    published.add('"' + data + '"');
                }
                if (i % CUT_EVERY == CUT_EVERY - 1) {
                    client.does("cut");
                    client.awaits("connecting");
                    client.awaits("subscribed");
                }
            }

            await().until(() -> client.received("a").size() >= EVENTS);
            source.awaitEvents(EVENTS);
            assertThat(client.received("a"))
                    .isEqualTo(published.stream().map(data -> data.replace("\"", "")).toList());
            assertThat(source.events().stream().map(ReceivedEvent::data)).isEqualTo(published);
        }
    }

    @Test
    void isToldThatTheLogIsANewOne() throws Exception {
        Map<String, String> settings = TestServer.values();
        try (var client = new JsClient()) {
            try (TestServer server = TestServer.reading(settings)) {
                settings.put("server.port", Integer.toString(server.port()));
                client.connects("websocket", server.port(), _ -> {});
                client.subscribes("a");
                client.awaits("subscribed");
                server.publish("a", "1");
                client.awaits("publication");
            }
            assertThat(client.awaits(event -> event.path("code").asInt() == 3001).get("event"))
                    .hasToString("\"connecting\"");
            try (TestServer server = TestServer.reading(settings)) {
                JsonNode again = client.awaits("subscribed");
                assertThat(again.get("wasRecovering").booleanValue()).isTrue();
                assertThat(again.get("recovered").booleanValue()).isFalse();
                server.publish("a", "2");
                assertThat(client.awaits("publication").get("data").textValue()).isEqualTo("2");
            }
        }
    }
}
