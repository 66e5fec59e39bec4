package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns over HTTP. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PatternIT {

    private final TestServer server =
            TestServer.with("hub.topic-linger=PT0S", "broker.memory.retention-count=4");

    @AfterAll
    void close() {
        server.close();
    }

    @Test
    void saysOfWhichTopicEachEventIs() throws Exception {
        try (RawStream stream = RawStream.subscribe(server.port(), "/events/a/*")) {
            stream.lineWith("id:");
            server.publish("a", "no");
            server.publish("a/1/deep", "no");
            server.publish("a/1", "one");
            server.publish("a/t%C3%BC%20r", "two");

            assertThat(stream.lineWith("topic:")).isEqualTo("topic: a/1");
            assertThat(stream.lineWith("data:")).isEqualTo("data: one");
            assertThat(stream.lineWith("topic:")).isEqualTo("topic: a/tü r");
            assertThat(stream.lineWith("data:")).isEqualTo("data: two");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/events?topic=b/**&topic=bb",
                "/events/b/**?topic=bb",
                "/events/b%2F%2A%2A?topic=bb"
            })
    void mixesPatternsAndTopicsOnOneStream(String target) throws Exception {
        try (RawStream stream = RawStream.subscribe(server.port(), target)) {
            stream.lineWith("id:");
            server.publish("bb", "by name");
            assertThat(stream.lineWith("data:")).isEqualTo("data: by name");
            server.publish("b/1/2", "by pattern");
            assertThat(stream.lineWith("topic:")).isEqualTo("topic: b/1/2");
            assertThat(stream.lineWith("data:")).isEqualTo("data: by pattern");
        }
    }

    @Test
    void hasOneLogForAllWhoReadAPattern() throws Exception {
        try (RawStream one = RawStream.subscribe(server.port(), "/events/c/*");
                RawStream other = RawStream.subscribe(server.port(), "/events?topic=c/*")) {
            one.lineWith("id:");
            other.lineWith("id:");
            int topics = server.server().topics();
            server.publish("c/1", "x");
            String id = one.lineWith("id:");

            assertThat(other.lineWith("id:")).isEqualTo(id);
            assertThat(server.server().topics()).isEqualTo(topics);
        }
    }

    @Test
    void readsTheHistoryOfAPattern() throws Exception {
        for (int i = 1; i <= 5; i++) {
            server.publish("d/" + i % 2, "n" + i);
        }

        JsonNode page = TestServer.json(server.get("/history/d/*?limit=3"));
        JsonNode rest =
                TestServer.json(server.get("/history/d/*?since=" + page.get("next").textValue()));

        assertThat(page.get("topic").textValue()).isEqualTo("d/*");
        assertThat(page.get("coverage").textValue()).isEqualTo("complete");
        assertThat(page.get("events").findValuesAsText("topic"))
                .isEqualTo(List.of("d/1", "d/0", "d/1"));
        assertThat(page.get("events").findValuesAsText("data"))
                .isEqualTo(List.of("n1", "n2", "n3"));
        assertThat(rest.get("events").findValuesAsText("data")).isEqualTo(List.of("n4", "n5"));
        assertThat(rest.get("next").isNull()).isTrue();
    }

    @Test
    void tellsOfNoGapToAReaderOfAQuietPatternThatComesBack() throws Exception {
        server.publish("e/1", "one");
        JsonNode last = TestServer.json(server.get("/history/e/*")).get("events").get(0);
        String id = last.get("id").textValue();
        for (int i = 0; i < 20; i++) {
            server.publish("noise", "x");
        }

        try (RawStream stream =
                RawStream.subscribe(server.port(), "/events/e/*", "Last-Event-ID: " + id)) {
            stream.lineWith("retry:");
            server.publish("e/2", "two");
            assertThat(stream.lineWith("data:")).isEqualTo("data: two");
        }
    }

    @Test
    void namesThePatternInAGap() throws Exception {
        server.publish("f/1", "one");
        JsonNode first = TestServer.json(server.get("/history/f/*")).get("events").get(0);
        for (int i = 0; i < 10; i++) {
            server.publish("f/2", "x" + i);
        }

        try (RawStream stream =
                RawStream.subscribe(
                        server.port(),
                        "/events/f/*",
                        "Last-Event-ID: " + first.get("id").textValue())) {
            assertThat(stream.lineWith("event:")).isEqualTo("event: gap");
            assertThat(stream.lineWith("data:"))
                    .startsWith("data: {\"topic\":\"f/*\",\"reason\":\"expired\"");
            assertThat(stream.lineWith("data:")).isEqualTo("data: x6");
        }
    }

    @Test
    void goesOnWhenATopicOfThePatternEnds() throws Exception {
        try (RawStream stream = RawStream.subscribe(server.port(), "/events/g/*")) {
            stream.lineWith("id:");
            server.post("/events/g/1?end=true", "done");
            assertThat(stream.lineWith("data:")).isEqualTo("data: done");
            server.publish("g/2", "more");
            assertThat(stream.lineWith("data:")).isEqualTo("data: more");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/events/a/*", "/events/**", "/events/a/**/b"})
    void refusesToPublishToAPattern(String path) throws Exception {
        assertProblem(server.post(path, "x"), 400, "topic-pattern");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/events/**/a", "/events?topic=a/**/b", "/history/**/**"})
    void refusesPatternsThatMakeNoSense(String path) throws Exception {
        assertProblem(server.get(path), 400, "topic-pattern");
    }

    @Test
    void refusesTheIdOfATopicForAPattern() throws Exception {
        String id = server.publish("h/1", "x");

        assertProblem(server.get("/events/h/*?lastEventId=" + id), 400, "event-id-foreign");
        assertProblem(server.get("/history/h/*?since=" + id), 400, "event-id-foreign");
    }

    private static void assertProblem(HttpResponse<String> answer, int status, String rule) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(TestServer.json(answer).get("type").textValue())
                .isEqualTo("urn:longwave:problem:" + rule);
    }
}
