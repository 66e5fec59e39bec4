package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.testing.WebSocketClient;
import java.net.URI;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The trace that a publisher's request belongs to reaches the subscribers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TraceIT {

    private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final String OTHER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    private static final String[] TRACE = {"traceparent", PARENT, "tracestate", "vendor=1"};

    private final TestServer server = TestServer.with();

    @AfterAll
    void close() {
        server.close();
    }

    @Test
    void isAFieldOfAnEventStreamForAClientThatAsksForIt() throws Exception {
        try (RawStream with = RawStream.subscribe(server.port(), "/events/a?trace");
                RawStream without = RawStream.subscribe(server.port(), "/events/a")) {
            with.lineWith("id: ");
            without.lineWith("id: ");

            server.post("/events/a", "one", TRACE);
            server.post("/events/a", "two");

            assertThat(with.lineWith("traceparent: ")).isEqualTo("traceparent: " + PARENT);
            assertThat(with.lineWith("")).isEqualTo("tracestate: vendor=1");
            assertThat(with.lineWith("")).isEqualTo("data: one");
            assertThat(without.lineWith("id: ")).isNotEmpty();
            assertThat(without.lineWith("")).isEqualTo("data: one");
            assertThat(with.lineWith("id: ")).isNotEmpty();
            assertThat(with.lineWith("")).isEqualTo("data: two");
        }
    }

    @Test
    void isAFieldOfAStreamOfSeveralTopics() throws Exception {
        try (RawStream stream =
                RawStream.subscribe(server.port(), "/events?topic=b&topic=c&trace=true")) {
            stream.lineWith("id: ");

            server.post("/events/c", "one", TRACE);

            assertThat(stream.lineWith("traceparent: ")).isEqualTo("traceparent: " + PARENT);
            assertThat(stream.lineWith("data: ")).isEqualTo("data: one");
        }
    }

    @Test
    void isATagInTheCentrifugeProtocol() throws Exception {
        try (WebSocketClient client =
                WebSocketClient.connect(URI.create(server.url("/connection/websocket")))) {
            client.text("{\"id\":1,\"connect\":{}}");
            client.readData();
            client.text("{\"id\":2,\"subscribe\":{\"channel\":\"d\"}}");
            client.readData();

            server.post("/events/d", "one", TRACE);

            assertThat(client.readData().text()).contains("\"traceparent\":\"" + PARENT + "\"");
        }
    }

    @Test
    void isThatOfTheRequestForEachEventOfABatchThatHasNone() throws Exception {
        server.post(
                "/publish",
                """
                {"events":[{"topic":"e","data":"1"},
                           {"topic":"e","data":"2","attributes":{"traceparent":"%s"}}]}\
                """
                        .formatted(OTHER),
                TRACE);

        assertThat(parents("e")).containsExactly(PARENT, OTHER);
    }

    @Test
    void isThatOfTheRequestForEachLineThatHasNone() throws Exception {
        server.post(
                "/events/f",
                "{\"data\":\"1\"}\n{\"data\":\"2\"}\n",
                "content-type",
                "application/x-ndjson",
                "traceparent",
                PARENT);

        assertThat(parents("f")).containsExactly(PARENT, PARENT);
    }

    @Test
    void isIgnoredIfItIsMalformed() throws Exception {
        server.post("/publish", "{\"events\":[{\"topic\":\"g\",\"data\":1}]}", "traceparent", "0");

        assertThat(parents("g")).containsExactly("");
    }

    private Stream<String> parents(String topic) throws Exception {
        JsonNode events = TestServer.json(server.get("/history/" + topic)).get("events");
        return StreamSupport.stream(events.spliterator(), false)
                .map(event -> event.at("/attributes/traceparent").asText());
    }
}
