package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.testing.WebSocketClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients are sent to other nodes: all of them, before a node stops, or some. */
final class DrainIT {

    @Test
    void endsAllStreamsAndOpensNoMore() throws Exception {
        try (TestServer server = TestServer.with();
                RawStream stream = RawStream.subscribe(server.port(), "/events/a");
                WebSocketClient socket = WebSocketClient.connect(URI.create(server.url("/ws/a")))) {
            await().until(() -> server.server().openStreams() == 2);

            HttpResponse<String> response = command(server, "/admin/drain");

            assertThat(response.statusCode()).isEqualTo(202);
            assertThat(stream.rest()).anyMatch(line -> line.matches("retry: \\d+")).contains("0");
            WebSocketClient.Frame close = socket.readData();
            assertThat(close.code()).isEqualTo(1012);
            assertThat(close.reason()).matches("retry=[0-9]+");
            socket.closing(1012);
            await().until(() -> server.server().openStreams() == 0);

            assertThat(server.get("/health/ready").statusCode()).isEqualTo(503);
            assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
            HttpResponse<String> refused = server.get("/events/a");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("urn:longwave:problem:draining");
            assertThat(Integer.parseInt(refused.headers().firstValue("Retry-After").orElseThrow()))
                    .isBetween(2, 4);
        }
    }

    /** A page without events would have the client come back at once. */
    @Test
    void endsPollsAndTakesNoMore() throws Exception {
        try (TestServer server = TestServer.with();
                HttpClient client = HttpClient.newHttpClient()) {
            String next = TestServer.json(server.get("/poll/a")).get("next").textValue();
            CompletableFuture<HttpResponse<String>> waiting =
                    client.sendAsync(
                            server.request("/poll/a?wait=60&after=" + next).build(),
                            HttpResponse.BodyHandlers.ofString());
            await().until(() -> server.server().openStreams() == 1);

            command(server, "/admin/drain");

            for (HttpResponse<String> refused :
                    List.of(
                            waiting.get(5, TimeUnit.MINUTES),
                            server.get("/poll/a?after=" + next))) {
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(refused.body()).contains("urn:longwave:problem:draining");
                assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ws/a", "/connection/websocket"})
    void opensNoWebSocket(String path) throws Exception {
        try (TestServer server = TestServer.with()) {
            command(server, "/admin/drain");

            try (WebSocketClient refused = WebSocketClient.open(URI.create(server.url(path)))) {
                assertThat(refused.head().status()).isEqualTo(503);
            }
        }
    }

    /** It would give up for good at any status but 200. */
    @Test
    void hasAnEventSourceComeBack() throws Exception {
        try (TestServer server = TestServer.with()) {
            command(server, "/admin/drain");

            HttpResponse<String> answer =
                    server.send(
                            server.request("/events/a")
                                    .header("Accept", "text/event-stream")
                                    .build());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
            assertThat(answer.body().lines()).anyMatch(line -> line.matches("retry: \\d+"));
        }
    }

    @Test
    void goesOnPublishing() throws Exception {
        try (TestServer server = TestServer.with()) {
            command(server, "/admin/drain");

            HttpResponse<String> response = server.post("/events/a", "hello");

            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Connection")).hasValue("close");
        }
    }

    /** Its client would come back over the same connection, and so to the same node. */
    @ParameterizedTest
    @ValueSource(strings = {"/admin/drain", "/admin/rebalance?percent=100"})
    void tellsAnHttp2ClientToConnectAgain(String path) throws Exception {
        try (TestServer server = TestServer.with();
                var client = new RawHttp2(server.port(), 64 << 10, RawHttp2.LARGEST_WINDOW)) {
            int stream = client.get("/events/a");
            await().until(() -> server.server().openStreams() == 1);

            command(server, path);

            var seen = new ArrayList<RawHttp2.Frame>();
            RawHttp2.Frame frame = client.next();
            while (frame != null && !(frame.stream() == stream && frame.endsStream())) {
                seen.add(frame);
                frame = client.next();
            }
            assertThat(frame).as("the end of the stream").isNotNull();
            assertThat(seen)
                    .filteredOn(one -> one.type() == RawHttp2.GOAWAY)
                    .singleElement()
                    .satisfies(goAway ->
                            assertThat(goAway.payload())
                                    .containsExactly(127, -1, -1, -1, 0, 0, 0, 0));
        }
    }

    @Test
    void movesAShareOfTheStreams() throws Exception {
        try (TestServer server = TestServer.with()) {
            List<RawStream> streams = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                streams.add(RawStream.subscribe(server.port(), "/events/a"));
            }
            await().until(() -> server.server().openStreams() == 10);

            HttpResponse<String> response = command(server, "/admin/rebalance?percent=25");

            assertThat(response.statusCode()).isEqualTo(202);
            assertThat(TestServer.json(response).get("streams").intValue()).isEqualTo(3);
            await().until(() -> server.server().openStreams() == 7);
            assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
            try (RawStream another = RawStream.subscribe(server.port(), "/events/a")) {
                assertThat(another.head().getFirst()).contains("200");
            }
            for (RawStream stream : streams) {
                stream.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?percent=0", "?percent=101", "?percent=x"})
    void saysWhichShareItNeeds(String query) throws Exception {
        try (TestServer server = TestServer.with()) {
            HttpResponse<String> response = command(server, "/admin/rebalance" + query);

            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(response.body()).contains("percent");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin/drain", "/admin/rebalance?percent=1"})
    void takesNoCommandFromAPage(String path) throws Exception {
        try (TestServer server = TestServer.with()) {
            HttpResponse<String> response = command(server, path, "Origin", "http://localhost");

            assertThat(response.statusCode()).isEqualTo(403);
            assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
        }
    }

    /** With a spread that grows with their number, they come evenly. */
    @Test
    void tellsManyClientsToComeAtDifferentMoments() throws Exception {
        try (TestServer server = TestServer.with("sse.retry=PT1S", "sse.reconnects-per-second=1")) {
            List<RawStream> streams = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                streams.add(RawStream.subscribe(server.port(), "/events/a"));
            }
            await().until(() -> server.server().openStreams() == 20);
            command(server, "/admin/drain");

            Set<Integer> waits = new HashSet<>();
            for (RawStream stream : streams) {
                List<String> retries =
                        stream.rest().stream().filter(line -> line.startsWith("retry: ")).toList();
                waits.add(Integer.parseInt(retries.getLast().substring(7)));
                stream.close();
            }

            assertThat(waits).hasSizeGreaterThan(10).allMatch(millis -> millis >= 1000);
            assertThat(waits).allMatch(millis -> millis <= 21_000);
        }
    }

    private static HttpResponse<String> command(TestServer server, String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server.server().adminUrl() + path))
                        .POST(HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.send(request.build());
    }
}
