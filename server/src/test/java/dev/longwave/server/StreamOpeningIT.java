package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which blocks a stream has besides its events: none that a client library could take for one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StreamOpeningIT {

    private static final int HEARTBEATS = 3;

    private final TestServer server = TestServer.with("sse.heartbeat-interval=PT0.1S");

    @AfterAll
    void close() {
        server.close();
    }

    @Test
    void tellsALiveStreamItsIdOnce() throws Exception {
        String id = server.publish("live", "before");

        assertThat(quiet("/events/live"))
                .containsExactly(": longwave", "retry: 2000", "id: " + id, "", ":", ":", ":");
    }

    @Test
    void endsNoBlockWhereTheClientKnowsTheId() throws Exception {
        String id = server.publish("known", "before");

        for (String query : List.of("lastEventId=" + id, "since=" + id)) {
            assertThat(quiet("/events/known?" + query))
                    .containsExactly(": longwave", "retry: 2000", ":", ":", ":");
        }
        assertThat(quiet("/events/known", "Last-Event-ID: " + id))
                .containsExactly(": longwave", "retry: 2000", ":", ":", ":");
        assertThat(quiet("/events/empty?since=earliest"))
                .containsExactly(": longwave", "retry: 2000", ":", ":", ":");
    }

    @ParameterizedTest
    @ValueSource(strings = {"since=PT1S", "since=last", "topic=other"})
    void tellsTheIdWhereAnyTopicBeginsAtAnotherPlaceNextTime(String query) throws Exception {
        assertThat(quiet("/events/unknown?" + query))
                .startsWith(": longwave", "retry: 2000")
                .containsOnlyOnce("")
                .filteredOn(line -> line.startsWith("id: "))
                .hasSize(1);
    }

    @Test
    void tellsTheIdWhereTheClientsNamesOnlySomeOfTheTopics() throws Exception {
        String id = server.publish("some/a", "x");

        assertThat(quiet("/events/some/a?topic=some/b", "Last-Event-ID: " + id))
                .filteredOn(line -> line.startsWith("id: "))
                .singleElement()
                .asString()
                .startsWith("id: " + id + ",");
    }

    @Test
    void neverEndsABlockBeforeAnEventForAClientThatWantsCommentsOnly() throws Exception {
        String id = server.publish("comments", "before");
        try (RawStream stream = open("/events/comments?heartbeat=comment")) {
            assertThat(lines(stream, 1)).containsExactly(": longwave");
            assertThat(lines(stream, 1)).singleElement().asString().matches("retry: [234]\\d{3}");
            assertThat(lines(stream, 3)).containsExactly("id: " + id, ":", ":");

            String next = server.publish("comments", "after");

            assertThat(stream.lineWith("id")).isEqualTo("id: " + next);
            assertThat(lines(stream, 2)).containsExactly("data: after", "");
        }
    }

    /** Some libraries would take it for an event. */
    @Test
    void saysNothingAtTheEndToAClientThatWantsCommentsOnly() throws Exception {
        try (TestServer stopping = TestServer.with();
                RawStream stream =
                        RawStream.subscribe(stopping.port(), "/events/a?heartbeat=comment")) {
            assertThat(stream.lineWith("retry")).isNotEmpty();

            stopping.server().close();

            assertThat(stream.rest()).noneMatch(line -> line.contains("retry"));
        }
    }

    @Test
    void tellsTheIdWithEachHeartbeatToAClientThatWantsThat() throws Exception {
        String id = "id: " + server.publish("ids", "before");
        try (RawStream stream = open("/events/ids?heartbeat=id&since=" + id.substring(4))) {
            assertThat(lines(stream, 10))
                    .containsExactly(": longwave", "retry: 2000", id, "", ":", id, "", ":", id, "");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ids", "ID", "comment&heartbeat=id"})
    void refusesOtherHeartbeats(String value) throws Exception {
        var response = server.get("/events/a?heartbeat=" + value);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("parameter-malformed", "heartbeat");
    }

    @Test
    void refusesToForgetOneOfTwoEventIds() throws Exception {
        String a = server.publish("two/a", "x");
        String b = server.publish("two/b", "x");
        String path = "GET /events/two/a?topic=two/b HTTP/1.1";

        assertMalformed(path, "Last-Event-ID: " + a, "Last-Event-ID: " + b);
        assertMalformed(path, "Last-Event-ID: " + a + ", " + b);
        assertMalformed(path, "Last-Event-ID: " + a + " ," + b);
        assertMalformed(path, "Last-Event-ID: !!");
        assertThat(quiet("/events/two/a?topic=two/b", "Last-Event-ID: " + a + ',' + b))
                .containsExactly(": longwave", "retry: 2000", ":", ":", ":");
    }

    private void assertMalformed(String requestLine, String... headers) throws IOException {
        try (var connection = new RawHttp1(server.port())) {
            RawHttp1.Head head = connection.send(requestLine, headers).head();

            assertThat(head.code()).isEqualTo(400);
            assertThat(connection.body(head)).contains("event-id-malformed");
        }
    }

    /** The lines of a stream up to a few heartbeats. */
    private List<String> quiet(String path, String... headers) throws IOException {
        var lines = new ArrayList<String>();
        try (RawStream stream = open(path, headers)) {
            int heartbeats = 0;
            while (heartbeats < HEARTBEATS) {
                String line = stream.lineWith("");
                lines.add(line);
                heartbeats += line.equals(":") ? 1 : 0;
            }
        }
        return lines;
    }

    private static List<String> lines(RawStream stream, int count) throws IOException {
        var lines = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            lines.add(stream.lineWith(""));
        }
        return lines;
    }

    /** Over HTTP/1.0, whose bodies have no framing. */
    private RawStream open(String path, String... headers) throws IOException {
        return new RawStream(server.port(), "GET " + path + " HTTP/1.0", headers);
    }
}
