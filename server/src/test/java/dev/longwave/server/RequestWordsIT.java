package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A request that is not quite right is told so, rather than taken for another one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RequestWordsIT {

    private final TestServer server = TestServer.with("admin.public-figures=true");

    @AfterAll
    void close() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /events/a?event=price, event, type",
        "POST, /events/a?Type=price, Type, type",
        "POST, /events/a?typ=price, typ, type",
        "POST, /events/a?since=5m, since, ''",
        "GET, /events/a?last_event_id=x, last_event_id, lastEventId",
        "GET, /events/a?lasteventid=x, lasteventid, lastEventId",
        "GET, /events?topics=a, topics, topic",
        "GET, /events/a?from=5m, from, since",
        "GET, /events/a?type=x, type, ''",
        "HEAD, /events/a?sinse=5m, sinse, since",
        "GET, /ws/a?heartbeat=id, heartbeat, ''",
        "GET, /history/a?max=3, max, ''",
        "GET, /history/a?count=3, count, limit",
        "GET, /presence/a?afer=x, afer, after",
        "GET, /figures?onse, onse, once",
        "GET, /health?verbose, verbose, ''",
        "GET, /health/live?verbose, verbose, ''",
        "GET, /connection/sse?cf_conect=x, cf_conect, cf_connect",
        "GET, /connection/websocket?format=protobuf, format, ''",
        "POST, /connection/http_stream?a=b, a, ''",
        "POST, /emulation?a=b, a, ''",
        "POST, /publish?type=x, type, ''"
    })
    void refusesAnUnknownParameterAndNamesTheNearest(
            String method, String path, String parameter, String nearest) throws Exception {
        HttpResponse<String> response =
                server.send(
                        server.request(path)
                                .method(method, HttpRequest.BodyPublishers.ofString("x"))
                                .build());

        assertThat(response.statusCode()).isEqualTo(400);
        if (!method.equals("HEAD")) {
            JsonNode problem = TestServer.json(response);
            assertThat(problem.get("type").textValue()).endsWith(":parameter-unknown");
            assertThat(problem.get("parameter").textValue()).isEqualTo(parameter);
            assertThat(problem.path("nearest").asText()).isEqualTo(nearest);
            assertThat(problem.get("detail").textValue()).contains(parameter, nearest);
        }
    }

    @Test
    void saysWhichParametersThereAre() throws Exception {
        assertThat(server.get("/history/a?x=1").body()).contains("known are since, limit");
        assertThat(server.get("/health?x=1").body()).contains("this request takes none");
        assertThat(server.post("/events/a?x=1", "").body())
                .contains("known are type, key, id, end, ephemeral, attribute.<name>");
    }

    /** Its script reads the query. */
    @Test
    void takesAnyParameterForAPage() throws Exception {
        assertThat(server.get("/?utm_source=x").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lastEventId", "lastEventID", "last-event-id", "Last-Event-ID"})
    void resumesByEachSpellingOfOtherServers(String spelling) throws Exception {
        String topic = "resume/" + spelling;
        String first = server.publish(topic, "one");
        server.publish(topic, "two");

        try (RawStream stream =
                RawStream.subscribe(
                        server.port(), "/events/" + topic + "?" + spelling + "=" + first)) {
            assertThat(stream.lineWith("data:")).isEqualTo("data: two");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/events/a?since=5m&since=1m",
                "/events/a?lastEventId=a.1-1&lastEventId=a.1-2",
                "/events/a?lastEventId=a.1-1&last-event-id=a.1-2",
                "/events/a?heartbeat=id&heartbeat=id",
                "/history/a?limit=1&limit=2",
                "/presence/a?counts&counts"
            })
    void refusesAParameterThatIsGivenTwice(String path) throws Exception {
        HttpResponse<String> response = server.get(path);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("parameter-malformed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"type=a&type=b", "key=a&key=b", "end&end", "attribute.a=1&attribute.a=2"})
    void refusesAParameterOfAnEventThatIsGivenTwice(String query) throws Exception {
        HttpResponse<String> response = server.post("/events/a?" + query, "x");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("parameter-malformed", "more than once");
    }

    @Test
    void takesSeveralTopics() throws Exception {
        try (RawStream stream =
                RawStream.subscribe(server.port(), "/events?topic=several/a&topic=several/b")) {
            server.publish("several/b", "x");

            assertThat(stream.lineWith("data:")).isEqualTo("data: x");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "5m", "1h30m", "90s", "2d"})
    void beginsADurationAgo(String since) throws Exception {
        assertThat(since("ago/" + since, since)).isEqualTo("data: one");
    }

    @Test
    void beginsAtATimestamp() throws Exception {
        Instant before = Instant.now().minusSeconds(60).truncatedTo(ChronoUnit.SECONDS);
        OffsetDateTime elsewhere = before.atOffset(ZoneOffset.ofHours(2));

        assertThat(since("at/utc", before.toString())).isEqualTo("data: one");
        assertThat(since("at/fraction", before.plusMillis(5).toString())).isEqualTo("data: one");
        assertThat(since("at/offset", elsewhere.toString().replace("+", "%2B")))
                .isEqualTo("data: one");
        assertThat(since("at/plus", elsewhere.toString())).isEqualTo("data: one");
        assertThat(server.get("/history/at/utc?since=" + before).body()).contains("\"one\"");
        assertThat(server.get("/history/at/utc?since=" + Instant.now().plusSeconds(60)).body())
                .contains("\"events\":[]");
    }

    private String since(String topic, String since) throws Exception {
        server.publish(topic, "one");
        try (RawStream stream =
                RawStream.subscribe(server.port(), "/events/" + topic + "?since=" + since)) {
            return stream.lineWith("data:");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "5",
                "5x",
                "5m5h",
                "-5m",
                "P-1D",
                "PT",
                "P4000D",
                "4000d",
                "2020-01-01",
                "2020-01-01T00:00:00",
                "2020-13-01T00:00:00Z",
                "1990-01-01T00:00:00Z",
                "2999-01-01T00:00:00Z",
                "1577836800",
                "LAST"
            })
    void saysWhatSinceMayBe(String since) throws Exception {
        for (String path : new String[] {"/events/a", "/history/a"}) {
            HttpResponse<String> response = server.get(path + "?since=" + since);

            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(response.body())
                    .contains("since-malformed")
                    .contains("earliest, last, an event ID, a duration such as 5m")
                    .contains("RFC 3339");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/x-ndjson",
                "application/ndjson",
                "application/jsonl",
                "application/json-seq",
                "Application/JSONL; charset=utf-8"
            })
    void knowsEachNameOfLines(String type) throws Exception {
        String lines = "{\"data\":\"one\"}\n{\"data\":\"two\"}\n";

        for (String path : new String[] {"/events/lines", "/publish"}) {
            HttpResponse<String> response =
                    server.post(
                            path,
                            path.equals("/publish")
                                    ? lines.replace("{", "{\"topic\":\"lines\",")
                                    : lines,
                            "Content-Type",
                            type);

            assertThat(TestServer.json(response).get("published").intValue()).isEqualTo(2);
        }
    }

    @Test
    void readsTheRecordSeparatorsOfASequence() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "/events/seq",
                        "\u001e{\"data\":\"one\"}\n\u001e{\"data\":\"two\"}\n\u001e\n",
                        "Content-Type",
                        "application/json-seq");

        assertThat(TestServer.json(response).get("published").intValue()).isEqualTo(2);
        assertThat(server.get("/history/seq").body()).contains("\"one\"", "\"two\"");
    }

    @Test
    void refusesParametersThatWouldBeIgnoredForLines() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "/events/a?type=x", "{\"data\":1}", "Content-Type", "application/x-ndjson");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("parameter-unknown", "\"parameter\":\"type\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "multipart/form-data; boundary=x",
                "multipart/mixed; boundary=x",
                "application/x-www-form-urlencoded;charset=UTF-8",
                "Application/X-WWW-Form-Urlencoded; charset=utf-8"
            })
    void refusesTheBodyOfAForm(String type) throws Exception {
        for (String path : new String[] {"/events/a", "/publish"}) {
            HttpResponse<String> response = server.post(path, "a=b", "Content-Type", type);

            assertThat(response.statusCode()).isEqualTo(415);
            assertThat(response.body())
                    .contains("content-type-unsupported", "is a form", "Content-Type: text/plain");
        }
    }

    /** curl -d says so of anything. */
    @Test
    void takesWhatIsOnlyDeclaredAsAForm() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "/events/curl", "hi", "Content-Type", "application/x-www-form-urlencoded");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(server.get("/history/curl").body()).contains("\"data\":\"hi\"");
    }

    @Test
    void saysAtOnePlaceWhetherItIsWell() throws Exception {
        HttpResponse<String> response = server.get("/health");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(TestServer.json(response).get("ready").booleanValue()).isTrue();
    }

    @Test
    void namesTopicAndTimeForAClientThatAsks() throws Exception {
        try (RawStream stream =
                RawStream.subscribe(server.port(), "/events/details?details=true")) {
            server.publish("details", "x");

            assertThat(stream.lineWith("topic:")).isEqualTo("topic: details");
            String time = stream.lineWith("time:");
            assertThat(Instant.parse(time.substring("time: ".length())))
                    .isBetween(Instant.now().minusSeconds(300), Instant.now().plusSeconds(1));
            assertThat(stream.lineWith("data:")).isEqualTo("data: x");
        }
    }

    @Test
    void namesThePatternForAClientThatAsks() throws Exception {
        try (RawStream stream =
                RawStream.subscribe(server.port(), "/events/detailed/*?details=true")) {
            server.publish("detailed/1", "x");

            assertThat(stream.lineWith("topic:")).isEqualTo("topic: detailed/1");
            assertThat(stream.lineWith("pattern:")).isEqualTo("pattern: detailed/*");
        }
    }
}
