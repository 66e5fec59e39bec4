package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ephemeral events over HTTP: published, and on streams. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EphemeralIT {

    private static final String[] NDJSON = {"content-type", "application/x-ndjson"};

    private final TestServer server =
            TestServer.with("topics.rooms.pattern=typing/*", "topics.rooms.ephemeral=true");

    @AfterAll
    void close() {
        server.close();
    }

    @Test
    void reachesAStreamWithoutAnIdAndIsNotInHistory() throws Exception {
        try (RawStream stream = RawStream.subscribe(server.port(), "/events/a")) {
            stream.lineWith("id:");
            String id = server.publish("a", "one");
            assertThat(block(stream)).contains("id: " + id, "data: one");

            HttpResponse<String> response =
                    server.post("/events/a?type=typing&ephemeral=true&id=x", "ann");

            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(TestServer.json(response).toString())
                    .isEqualTo("{\"ephemeral\":true,\"topic\":\"a\"}");
            assertThat(block(stream)).containsExactly("event: typing", "data: ann");
            assertThat(history("a")).hasSize(1);
        }
    }

    @Test
    void reachesAStreamOfSeveralTopicsAndOfAPatternWithoutAnId() throws Exception {
        try (RawStream both = RawStream.subscribe(server.port(), "/events?topic=b/1&topic=b/2");
                RawStream pattern = RawStream.subscribe(server.port(), "/events/b/*")) {
            both.lineWith("id:");
            pattern.lineWith("id:");

            server.post("/events/b/1?ephemeral=true", "ann");

            assertThat(both.lineWith("data:")).isEqualTo("data: ann");
            assertThat(block(pattern)).containsExactly("topic: b/1", "data: ann");
            server.publish("b/2", "event");
            assertThat(block(both)).first().asString().startsWith("id: ");
        }
    }

    @Test
    void doesNotTakeTheIdOfAClientThatReconnects() throws Exception {
        String id = server.publish("c", "one");
        try (RawStream stream =
                RawStream.subscribe(server.port(), "/events/c", "Last-Event-ID: " + id)) {
            stream.lineWith("retry:");

            server.post("/events/c?ephemeral=true", "ann");
            server.post("/events/c?ephemeral=true", "ben");

            assertThat(stream.lineWith("id:")).isEqualTo("id: " + id);
            assertThat(block(stream)).containsExactly("data: ann");
            assertThat(block(stream)).containsExactly("data: ben");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?ephemeral=false"})
    void makesAllEventsOfATopicEphemeralByRule(String query) throws Exception {
        HttpResponse<String> response = server.post("/events/typing/1" + query, "ann");

        assertThat(TestServer.json(response).get("ephemeral").booleanValue()).isTrue();
        assertThat(history("typing/1")).isEmpty();
    }

    @Test
    void takesEphemeralEventsInABatch() throws Exception {
        String one = "{\"topic\":\"d\",\"data\":\"1\"}";
        String ann = "{\"topic\":\"d\",\"data\":\"ann\",\"ephemeral\":true}";
        String ben = "{\"topic\":\"typing/2\",\"data\":\"ben\"}";
        try (RawStream stream = RawStream.subscribe(server.port(), "/events/d")) {
            stream.lineWith("id:");

            HttpResponse<String> response =
                    server.post(
                            "/publish",
                            "{\"events\":[" + String.join(",", one, ann, ben, one) + "]}");

            JsonNode results = TestServer.json(response).get("results");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(results).hasSize(4);
            assertThat(results.get(0).has("id")).isTrue();
            assertThat(results.get(1).toString()).isEqualTo("{\"ephemeral\":true}");
            assertThat(results.get(2).toString()).isEqualTo("{\"ephemeral\":true}");
            assertThat(results.get(3).has("id")).isTrue();
            assertThat(stream.lineWith("data:")).isEqualTo("data: 1");
            assertThat(stream.lineWith("data:")).isEqualTo("data: ann");
            assertThat(stream.lineWith("data:")).isEqualTo("data: 1");
        }
        assertThat(history("d")).hasSize(2);
    }

    @Test
    void takesEphemeralEventsAsLines() throws Exception {
        HttpResponse<String> mixed =
                server.post(
                        "/events/e",
                        "{\"data\":\"1\"}\n{\"data\":\"ann\",\"ephemeral\":true}\n",
                        NDJSON);
        HttpResponse<String> all =
                server.post("/events/e?ephemeral=true", "{\"data\":\"ben\"}\n", NDJSON);

        JsonNode answer = TestServer.json(mixed);
        assertThat(answer.get("published").intValue()).isEqualTo(2);
        assertThat(answer.get("ephemeral").intValue()).isEqualTo(1);
        assertThat(answer.get("lastId").isTextual()).isTrue();
        assertThat(TestServer.json(all).toString())
                .isEqualTo(
                        "{\"published\":1,\"duplicates\":0,\"ephemeral\":1,\"lastId\":null,\"complete\":true}");
        assertThat(history("e")).hasSize(1);
    }

    @Test
    void cannotEndATopic() throws Exception {
        for (String target :
                List.of("/events/f?ephemeral=true&end=true", "/events/typing/3?end=true")) {
            HttpResponse<String> response = server.post(target, "x");

            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(TestServer.json(response).get("detail").textValue())
                    .contains("cannot be the last event of its topic");
        }
    }

    @Test
    void isEitherTrueOrFalse() throws Exception {
        assertThat(server.post("/events/g?ephemeral=maybe", "x").statusCode()).isEqualTo(400);
        assertThat(server.post("/events/g", "{\"data\":1,\"ephemeral\":1}", NDJSON).statusCode())
                .isEqualTo(400);
    }

    private JsonNode history(String topic) throws Exception {
        return TestServer.json(server.get("/history/" + topic)).get("events");
    }

    /** The next block that has data, without its comments. */
    private static List<String> block(RawStream stream) throws Exception {
        var lines = new ArrayList<String>();
        while (true) {
            String line = stream.lineWith("");
            if (!line.isEmpty()) {
                lines.add(line);
            } else if (lines.stream().anyMatch(field -> field.startsWith("data:"))) {
                return lines.stream().filter(field -> !field.matches("[0-9a-f]+|:.*")).toList();
            } else {
                lines.clear();
            }
        }
    }
}
