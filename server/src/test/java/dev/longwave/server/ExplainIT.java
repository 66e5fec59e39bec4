package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.longwave.testing.SignedToken;
import dev.longwave.testing.WebSocketClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code GET /admin/explain} of a real server, whose clients have sockets. */
final class ExplainIT {

    private static final SignedToken ALICE = alice("a");
    private static final int LARGE = 60_000;
    private static final int MANY = 200; // far more than sockets hold
    private static final String TOKENS = "auth.jwt.secret=" + SignedToken.SECRET;
    private static final String HEARTBEATS = "sse.heartbeat-interval=PT0.1S"; // find dead clients

    private TestServer server = TestServer.with(TOKENS, HEARTBEATS);

    @AfterEach
    void close() {
        server.close();
    }

    private void restart(String... settings) {
        server.close();
        server = TestServer.with(settings);
    }

    private static SignedToken alice(String topic) {
        return SignedToken.of("alice").subscribe(topic).publish("**");
    }

    @Test
    void delivered() throws Exception {
        try (RawStream stream = stream(ALICE, "/events/a")) {
            stream.lineWith("id: ");
            String id = publish("a", "hello");
            assertThat(stream.lineWith("data: ")).isEqualTo("data: hello");

            JsonNode answer = explain("a", id, "alice");

            JsonNode event = answer.path("event");
            assertThat(answer.path("outcome").textValue()).isEqualTo("delivered");
            assertThat(answer.path("otherNodesAsked").isBoolean()).isTrue();
            assertThat(answer.path("otherNodesAsked").booleanValue()).isFalse();
            assertThat(event.path("state").textValue()).isEqualTo("published");
            assertThat(event.path("id").textValue()).isEqualTo(id);
            assertThat(answer.path("streams")).hasSize(1);
            JsonNode found = answer.path("streams").get(0);
            assertThat(found.path("outcome").textValue()).isEqualTo("delivered");
            assertThat(found.path("transport").textValue()).isEqualTo("sse");
            assertThat(found.path("subject").textValue()).isEqualTo("alice");
            assertThat(found.path("replayed").booleanValue()).isFalse();
            assertThat(found.path("marks")).isEmpty();
            assertThat(found.has("ended")).isFalse();
            assertThat(found.at("/topics/0/cursor").textValue()).isEqualTo(id);
            assertThat(found.at("/topics/0/latest").textValue()).isEqualTo(id);
            assertThat(time(found, "opened")).isBeforeOrEqualTo(time(event, "time"));
            assertThat(time(found, "notBefore")).isEqualTo(time(event, "time"));
            assertThat(time(found, "notAfter")).isEqualTo(time(answer, "time"));

            // The same by the name of the stream, which begins with the node's.
            String connection = found.path("connection").textValue();
            assertThat(connection).startsWith(answer.path("node").textValue() + '-');
            assertThat(explainConnection("a", id, connection).path("streams"))
                    .singleElement()
                    .extracting(it -> it.path("connection"), it -> it.path("topics"))
                    .containsExactly(found.path("connection"), found.path("topics"));
        }
    }

    @Test
    void notYetAndThenLappedAndReplayed() throws Exception {
        restart(TOKENS, HEARTBEATS, "hub.topic-log-events=4");
        try (var socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
            try (var stream =
                    new RawStream(
                            socket, "GET /events/a HTTP/1.1", "Authorization: " + ALICE.bearer())) {
                stream.lineWith("id: ");
                String data = "x".repeat(LARGE);
                String middle = "";
                for (int i = 0; i < MANY; i++) {
                    String id = publish("a", data);
                    middle = i == MANY - 20 ? id : middle; // in no socket, and no log of four
                }
                String last = publish("a", "last");

                JsonNode answer = explain("a", middle, "alice");

                JsonNode topic = answer.at("/streams/0/topics/0");
                assertThat(answer.path("outcome").textValue()).isEqualTo("not-yet");
                assertThat(topic.path("latest").textValue()).isEqualTo(last);
                assertThat(
                                topic.path("waiting").longValue() > 0
                                        || topic.path("replaying").booleanValue())
                        .isTrue();

                for (int i = 0; i < MANY; i++) {
                    stream.lineWith("data: xxx");
                }
                assertThat(stream.lineWith("data: ")).isEqualTo("data: last");
                String live = publish("a", "live");
                assertThat(stream.lineWith("data: ")).isEqualTo("data: live");

                JsonNode late = explain("a", middle, "alice").path("streams").get(0);
                assertThat(late.path("outcome").textValue()).isEqualTo("delivered");
                assertThat(late.path("replayed").booleanValue()).isTrue();
                assertThat(late.path("marks").findValuesAsText("mark"))
                        .endsWith("lapped", "caught-up");
                JsonNode after = explain("a", live, "alice").path("streams").get(0);
                assertThat(after.path("outcome").textValue()).isEqualTo("delivered");
                assertThat(after.path("replayed").booleanValue()).isFalse();
            }
        }
    }

    @Test
    void forbidden() throws Exception {
        SignedToken bob = SignedToken.of("bob").subscribe("b");
        String id = publish("a", "hello");
        try (RawStream refused = stream(bob, "/events/a")) {
            assertThat(refused.head().getFirst()).contains("403");
        }

        JsonNode answer = explain("a", id, "bob");

        assertThat(answer.path("outcome").textValue()).isEqualTo("forbidden");
        assertThat(answer.path("streams")).isEmpty();
        assertThat(answer.at("/refusals/0/rule").textValue()).isEqualTo("topic-forbidden");
        assertThat(answer.at("/refusals/0/topics").toString()).isEqualTo("[\"a\"]");
        // Not of another topic, and not of another client.
        assertThat(explain("b", publish("b", "x"), "bob").path("outcome").textValue())
                .isEqualTo("client-unknown");
        assertThat(explain("a", id, "alice").path("outcome").textValue())
                .isEqualTo("client-unknown");
    }

    @Test
    void forbiddenToASession() throws Exception {
        HttpServer application =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        application.createContext(
                "/",
                exchange -> {
                    byte[] carol =
                            "{\"subject\":\"carol\",\"expiresIn\":60,\"subscribe\":[\"b\"]}"
                                    .getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, carol.length);
                    exchange.getResponseBody().write(carol);
                    exchange.close();
                });
        application.start();
        try {
            restart(
                    TOKENS,
                    HEARTBEATS,
                    "auth.cookie=sid",
                    "auth.session-url=http://127.0.0.1:" + application.getAddress().getPort());
            String id = publish("a", "hello");
            try (RawStream refused =
                    RawStream.subscribe(server.port(), "/events/a", "Cookie: sid=s1")) {
                assertThat(refused.head().getFirst()).contains("403");
            }

            JsonNode answer = explain("a", id, "carol");

            assertThat(answer.path("outcome").textValue()).isEqualTo("forbidden");
            assertThat(answer.at("/refusals/0/rule").textValue()).isEqualTo("topic-forbidden");
        } finally {
            application.stop(0);
        }
    }

    @Test
    void theTopicHadEnded() throws Exception {
        String first = publish("a", "1");
        String last = publish("a?end=true", "bye");
        try (RawStream stream = stream(ALICE, "/events/a")) {
            assertThat(stream.lineWith("data: ")).isEqualTo("data: bye");
            stream.rest();
        }
        await().until(() -> server.server().openStreams() == 0);

        JsonNode answer = explain("a", last, "alice");

        assertThat(answer.path("outcome").textValue()).isEqualTo("delivered");
        assertThat(answer.path("detail").textValue()).contains("was written");
        assertThat(answer.at("/streams/0/reason").textValue()).isEqualTo("ended");
        assertThat(explain("a", first, "alice").path("outcome").textValue())
                .isEqualTo("before-start");
    }

    @Test
    void polled() throws Exception {
        String first = publish("a", "1");
        String second = publish("a", "2");
        HttpResponse<String> response =
                server.send(
                        HttpRequest.newBuilder(URI.create(server.url("/poll/a?after=" + first)))
                                .header("Authorization", ALICE.bearer())
                                .build());
        assertThat(TestServer.json(response).at("/events/0/id").textValue()).isEqualTo(second);

        JsonNode answer = explain("a", second, "alice");

        assertThat(answer.path("outcome").textValue()).isEqualTo("delivered");
        assertThat(answer.path("detail").textValue()).contains("may not have been written");
        assertThat(answer.at("/streams/0/transport").textValue()).isEqualTo("poll");
    }

    @Test
    void revokedBefore() throws Exception {
        try (RawStream stream = stream(ALICE, "/events/a")) {
            stream.lineWith("id: ");
            HttpRequest revoke =
                    HttpRequest.newBuilder(
                                    URI.create(server.server().adminUrl() + "/admin/disconnect"))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("{\"subject\":\"alice\"}"))
                            .build();
            assertThat(server.send(revoke).statusCode()).isEqualTo(202);
            stream.rest();
            await().until(() -> server.server().openStreams() == 0);

            JsonNode answer = explain("a", publish("a", "late"), "alice");

            assertThat(answer.path("outcome").textValue()).isEqualTo("closed-before");
            assertThat(answer.at("/streams/0/reason").textValue()).isEqualTo("revoked");
        }
    }

    @Test
    void otherTopic() throws Exception {
        try (RawStream stream = stream(alice("**"), "/events/b")) {
            stream.lineWith("id: ");

            JsonNode answer = explain("a", publish("a", "hello"), "alice");

            assertThat(answer.path("outcome").textValue()).isEqualTo("not-subscribed");
            assertThat(answer.at("/streams/0/otherTopics").toString()).isEqualTo("[\"b\"]");
        }
    }

    @Test
    void byAPattern() throws Exception {
        try (RawStream stream = stream(alice("jobs/*"), "/events/jobs/*")) {
            stream.lineWith("id: ");
            String id = publish("jobs/1", "hello");
            String event = stream.lineWith("id: ").substring("id: ".length());
            stream.lineWith("data: ");

            assertThat(explain("jobs/1", id, "alice").path("outcome").textValue())
                    .isEqualTo("delivered");
            // The client has another ID of it, in which the pattern is what the topic is otherwise.
            JsonNode answer = explain("jobs/*", event, "alice");
            assertThat(answer.path("outcome").textValue()).isEqualTo("delivered");
            assertThat(answer.at("/event/topic").textValue()).isEqualTo("jobs/1");
        }
    }

    @Test
    void gapped() throws Exception {
        restart(TOKENS, HEARTBEATS, "broker.memory.retention-count=2");
        String first = publish("a", "1");
        String second = publish("a", "2");
        IntStream.rangeClosed(3, 6).forEach(i -> publish("a", "" + i));
        String last = publish("a", "7");
        try (RawStream stream = stream(ALICE, "/events/a", "Last-Event-ID: " + first)) {
            assertThat(stream.lineWith("event: ")).isEqualTo("event: gap");
            stream.lineWith("data: 7");

            JsonNode answer = explain("a", second, "alice");

            assertThat(answer.path("outcome").textValue()).isEqualTo("gap");
            assertThat(answer.at("/event/state").textValue()).isEqualTo("expired");
            JsonNode marks = answer.at("/streams/0/marks");
            assertThat(marks.findValuesAsText("mark")).containsExactly("caught-up", "gap");
            JsonNode mark = marks.get(1);
            assertThat(mark.path("reason").textValue()).isEqualTo("expired");
            assertThat(mark.path("after").textValue()).isEqualTo(first);
            assertThat(time(answer.path("streams").get(0), "notAfter"))
                    .isEqualTo(time(mark, "time"));
            assertThat(explain("a", last, "alice").path("outcome").textValue())
                    .isEqualTo("delivered");
            assertThat(explain("a", first, "alice").path("outcome").textValue())
                    .isEqualTo("before-start");
        }
    }

    @Test
    void closedBeforeAndDeliveredToTheNextConnection(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("access.log");
        restart(TOKENS, HEARTBEATS, "access-log.format=json", "access-log.file=" + log);
        String seen;
        try (RawStream stream = stream(ALICE, "/events/a")) {
            seen = stream.lineWith("id: ").substring("id: ".length());
        }
        await().until(() -> server.server().openStreams() == 0);
        String missed = publish("a", "missed");

        JsonNode answer = explain("a", missed, "alice");

        assertThat(answer.path("outcome").textValue()).isEqualTo("closed-before");
        JsonNode ended = answer.path("streams").get(0);
        assertThat(ended.path("reason").textValue()).isEqualTo("client-left");
        assertThat(time(ended, "ended")).isBeforeOrEqualTo(time(answer.path("event"), "time"));
        String connection = ended.path("connection").textValue();
        await().untilAsserted(() ->
                assertThat(Files.readString(log))
                        .contains("\"connection\":\"" + connection + "\""));

        try (RawStream stream = stream(ALICE, "/events/a", "Last-Event-ID: " + seen)) {
            stream.lineWith("data: missed");
            JsonNode resumed = explain("a", missed, "alice");
            assertThat(resumed.path("outcome").textValue()).isEqualTo("delivered");
            assertThat(resumed.path("streams").findValuesAsText("outcome"))
                    .containsExactly("delivered", "closed-before");
            assertThat(explainConnection("a", missed, connection).path("outcome").textValue())
                    .isEqualTo("closed-before");
        }
    }

    @Test
    void leftBefore() throws Exception {
        restart();
        URI uri = URI.create(server.url("/connection/websocket"));
        try (WebSocketClient client = WebSocketClient.connect(uri)) {
            client.text("{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"a\"}}");
            assertThat(client.read().text()).contains("\"id\":2,\"subscribe\"");
            String id = server.publish("a", "\"hello\"");
            assertThat(client.read().text()).contains("hello");
            client.text("{\"id\":3,\"unsubscribe\":{\"channel\":\"a\"}}");
            assertThat(client.read().text()).contains("\"id\":3");
            String late = server.publish("a", "\"late\"");

            JsonNode answer = explain("a", late, "");

            assertThat(answer.path("outcome").textValue()).isEqualTo("left-before");
            assertThat(answer.at("/streams/0/transport").textValue())
                    .isEqualTo("centrifuge-websocket");
            assertThat(answer.at("/streams/0/marks/0/mark").textValue()).isEqualTo("left");
            assertThat(answer.at("/streams/0/marks/0/cursor").textValue()).isEqualTo(id);
            assertThat(explain("a", id, "").path("outcome").textValue()).isEqualTo("delivered");
        }
    }

    @Test
    void publishedBeforeTheStreamBegan() throws Exception {
        String id = publish("a", "early");
        try (RawStream stream = stream(ALICE, "/events/a")) {
            stream.lineWith("id: ");

            JsonNode answer = explain("a", id, "alice");

            assertThat(answer.path("outcome").textValue()).isEqualTo("before-start");
            assertThat(answer.at("/streams/0/topics/0/from").textValue()).isEqualTo(id);
        }
    }

    @Test
    void readFromHistoryAtTheStart() throws Exception {
        String id = publish("a", "early");
        try (RawStream stream = stream(ALICE, "/events/a?since=earliest")) {
            stream.lineWith("data: early");

            JsonNode found = explain("a", id, "alice").path("streams").get(0);

            assertThat(found.path("outcome").textValue()).isEqualTo("delivered");
            assertThat(found.path("replayed").booleanValue()).isTrue();
        }
    }

    @Test
    void anonymousClients() throws Exception {
        restart();
        try (RawStream stream = RawStream.subscribe(server.port(), "/events/a")) {
            stream.lineWith("id: ");
            String id = server.publish("a", "hello");
            stream.lineWith("data: hello");

            assertThat(explain("a", id, "").path("outcome").textValue()).isEqualTo("delivered");
            assertThat(explain("a", id, "alice").path("outcome").textValue())
                    .isEqualTo("client-unknown");
        }
    }

    @Test
    void unknownEvents() throws Exception {
        String id = publish("a", "1");
        try (RawStream stream = stream(ALICE, "/events/a")) {
            stream.lineWith("id: ");
            String later = id.substring(0, id.lastIndexOf('-')) + "-zzz";

            JsonNode answer = explain("a", later, "alice");

            assertThat(answer.path("outcome").textValue()).isEqualTo("event-unknown");
            assertThat(answer.at("/event/state").textValue()).isEqualTo("unknown");
            assertThat(answer.at("/streams/0").has("outcome")).isFalse();
            String ofAnotherLog = id.substring(0, id.indexOf('.')) + ".1-1";
            assertThat(explain("a", ofAnotherLog, "alice").path("outcome").textValue())
                    .isEqualTo("event-unknown");
        }
    }

    @Test
    void streamsOfOtherNodes() throws Exception {
        JsonNode answer = explainConnection("a", publish("a", "1"), "00000000-1");

        assertThat(answer.path("outcome").textValue()).isEqualTo("client-unknown");
        assertThat(answer.path("detail").textValue()).contains("not of this node");
    }

    @Test
    void forgetsTheOldestStreamsAndSaysSinceWhen() throws Exception {
        restart(TOKENS, HEARTBEATS, "explain.bytes=2KiB");
        String id = publish("a", "1");
        for (int i = 0; i < 10; i++) {
            try (RawStream stream = stream(ALICE, "/events/a")) {
                stream.lineWith("id: ");
            }
            await().until(() -> server.server().openStreams() == 0);
        }

        JsonNode answer = explain("a", id, "alice");

        JsonNode streams = answer.path("streams");
        assertThat(streams.size()).isBetween(1, 4);
        Instant since = time(answer, "recordedSince");
        assertThat(since).isBeforeOrEqualTo(time(streams.get(streams.size() - 1), "ended"));
        assertThat(since).isAfterOrEqualTo(time(answer.path("event"), "time"));
    }

    @ParameterizedTest
    @CsvSource({
        "id=x.1-1&subject=alice, parameter-malformed, topic",
        "topic=a&subject=alice, parameter-malformed, id",
        "topic=a&id=ID, parameter-malformed, subject",
        "topic=a&id=ID&subject=alice&connection=c, parameter-malformed, subject",
        "topic=a&id=ID&connection=, parameter-malformed, connection",
        "topic=a&id=nonsense&subject=alice, event-id-malformed,",
        "topic=b&id=ID&subject=alice, event-id-foreign,",
        "topic=//&id=ID&subject=alice, topic-segment,",
        "topic=a&id=ID&subject=alice&user=bob, parameter-unknown, user"
    })
    void badInput(String query, String rule, String parameter) throws Exception {
        HttpResponse<String> response = admin(query.replace("ID", publish("a", "1")));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
        JsonNode problem = TestServer.json(response);
        assertThat(problem.path("type").textValue()).isEqualTo("urn:longwave:problem:" + rule);
        assertThat(problem.path("parameter").textValue()).isEqualTo(parameter);
    }

    private RawStream stream(SignedToken token, String path, String... headers) throws IOException {
        String[] all = new String[headers.length + 1];
        all[0] = "Authorization: " + token.bearer();
        System.arraycopy(headers, 0, all, 1, headers.length);
        return RawStream.subscribe(server.port(), path, all);
    }

    private String publish(String topic, String data) {
        try {
            HttpResponse<String> response =
                    server.post("/events/" + topic, data, "Authorization", ALICE.bearer());
            return TestServer.json(response).get("id").textValue();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private JsonNode explain(String topic, String id, String subject) throws Exception {
        return explain(topic, id, "subject", subject);
    }

    private JsonNode explainConnection(String topic, String id, String connection)
            throws Exception {
        return explain(topic, id, "connection", connection);
    }

    private JsonNode explain(String topic, String id, String by, String client) throws Exception {
        HttpResponse<String> response =
                admin(
                        "topic=%s&id=%s&%s=%s"
                                .formatted(
                                        URLEncoder.encode(topic, StandardCharsets.UTF_8),
                                        URLEncoder.encode(id, StandardCharsets.UTF_8),
                                        by,
                                        client));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return TestServer.json(response);
    }

    private HttpResponse<String> admin(String query) throws Exception {
        URI uri = URI.create(server.server().adminUrl() + "/admin/explain?" + query);
        return server.send(HttpRequest.newBuilder(uri).build());
    }

    private static Instant time(JsonNode object, String member) {
        return Instant.parse(object.path(member).textValue());
    }
}
