package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.http.Json;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code GET /probe}. */
final class ProbeIT {

    private static final int PROBES_PER_ADDRESS = 8;

    private static JsonNode data(String block) {
        byte[] json =
                block.lines()
                        .filter(line -> line.startsWith("data: "))
                        .map(line -> line.substring("data: ".length()))
                        .findFirst()
                        .orElseThrow()
                        .getBytes(StandardCharsets.UTF_8);
        return Json.parse(json, 0, json.length);
    }

    private static List<String> blocks(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(200);
        return List.of(response.body().split("\n\n"));
    }

    @Test
    void sendsEventsThatSayWhenTheyWereSent() throws Exception {
        try (TestServer server = TestServer.with()) {
            Instant before = Instant.now().minusSeconds(1);

            HttpResponse<String> response = server.get("/probe?events=3&intervalMillis=20");

            assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
            assertThat(response.headers().firstValue("Cache-Control"))
                    .contains("no-cache, no-transform");
            assertThat(response.headers().firstValue("X-Accel-Buffering")).contains("no");
            List<String> blocks = blocks(response);
            assertThat(blocks).hasSize(5);
            JsonNode path = data(blocks.getFirst());
            String run = path.get("run").textValue();
            assertThat(run).matches("[0-9a-f]{8}");
            assertThat(path.get("protocol").textValue()).isEqualTo("HTTP/1.1");
            assertThat(path.get("host").textValue()).isEqualTo("127.0.0.1:" + server.port());
            assertThat(path.get("forwarded").intValue()).isZero();
            assertThat(path.get("trustedProxy").booleanValue()).isFalse();
            assertThat(path.get("heartbeatMillis").intValue()).isEqualTo(15_000);
            assertThat(Instant.parse(path.get("time").textValue()))
                    .isBetween(before, Instant.now().plusSeconds(1));
            long last = 0;
            for (int i = 1; i <= 3; i++) {
                assertThat(blocks.get(i)).startsWith("id: probe-" + run + "-" + i + "\n");
                JsonNode event = data(blocks.get(i));
                assertThat(event.get("sequence").intValue()).isEqualTo(i);
                assertThat(event.get("sentMillis").longValue()).isGreaterThanOrEqualTo(last + 20);
                last = event.get("sentMillis").longValue();
            }
            assertThat(blocks.getLast()).startsWith("event: end\n");
        }
    }

    @Test
    void goesOnAfterTheLastEventOfAClient() throws Exception {
        try (TestServer server = TestServer.with()) {
            HttpRequest request =
                    server.request("/probe?events=4&intervalMillis=1")
                            .header("Last-Event-ID", "probe-0123abcd-2")
                            .build();

            List<String> blocks = blocks(server.send(request));

            assertThat(data(blocks.getFirst()).get("run").textValue()).isEqualTo("0123abcd");
            assertThat(data(blocks.getFirst()).get("lastEventId").booleanValue()).isTrue();
            assertThat(blocks.get(1)).startsWith("id: probe-0123abcd-3\n");
            assertThat(blocks.get(2)).startsWith("id: probe-0123abcd-4\n");
            assertThat(blocks).hasSize(4);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"probe-0123abcd", "probe-0123ABCD-1", "x", "probe-0123abcd-100"})
    void beginsARunOfItsOwnAfterAForeignId(String id) throws Exception {
        try (TestServer server = TestServer.with()) {
            HttpRequest request =
                    server.request("/probe?events=1&intervalMillis=1")
                            .header("Last-Event-ID", id)
                            .build();

            List<String> blocks = blocks(server.send(request));

            assertThat(data(blocks.getFirst()).get("run").textValue()).isNotEqualTo("0123abcd");
            assertThat(blocks.get(1)).contains("-1\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"HTTP/1.0, HTTP/1.0", "HTTP/1.1, HTTP/1.1"})
    void saysWhichVersionOfHttpItSaw(String spoken, String seen) throws Exception {
        try (TestServer server = TestServer.with();
                var stream =
                        new RawStream(
                                server.port(), "GET /probe?events=1&intervalMillis=1 " + spoken)) {
            JsonNode path = data(stream.lineWith("data: "));

            assertThat(path.get("protocol").textValue()).isEqualTo(seen);
        }
    }

    @Test
    void saysThatHttp2WasSpoken() throws Exception {
        try (TestServer server = TestServer.with();
                var connection = new RawHttp2(server.port(), 1 << 16, RawHttp2.LARGEST_WINDOW)) {
            int stream = connection.request("GET", "/probe?events=1&intervalMillis=1", "localhost");

            assertThat(connection.body(stream)).asString().contains("\"protocol\":\"HTTP/2\"");
        }
    }

    @Test
    void countsForwardedAddressesAndRepeatsNone() throws Exception {
        try (TestServer server = TestServer.with("net.trusted-proxies=127.0.0.1")) {
            HttpRequest request =
                    server.request("/probe?events=1&intervalMillis=1")
                            .header("X-Forwarded-For", "192.0.2.7, 192.0.2.8")
                            .header("Via", "1.1 hidden")
                            .build();

            HttpResponse<String> response = server.send(request);

            JsonNode path = data(blocks(response).getFirst());
            assertThat(path.get("forwarded").intValue()).isEqualTo(2);
            assertThat(path.get("via").intValue()).isEqualTo(1);
            assertThat(path.get("trustedProxy").booleanValue()).isTrue();
            assertThat(response.body()).doesNotContain("192.0.2", "hidden");
        }
    }

    @Test
    void repeatsNoHostThatCouldBreakItsJson() throws Exception {
        try (TestServer server = TestServer.with();
                var connection = new RawHttp1(server.port())) {
            RawHttp1 request = connection.send("GET /probe?events=1 HTTP/1.1", "Host: a\"b");
            RawHttp1.Head head = request.head();
            String body = new String(connection.rest(), StandardCharsets.UTF_8);

            assertThat(head.code()).isIn(200, 400);
            assertThat(body).contains(head.code() == 200 ? "\"host\":\"\"" : "request-malformed");
        }
    }

    @Test
    void needsNoRight() throws Exception {
        try (TestServer server =
                TestServer.with("auth.rules.none.who=anonymous", "auth.rules.none.topics=none")) {
            HttpRequest request =
                    server.request("/probe?events=1&intervalMillis=1")
                            .header("Authorization", "Bearer nonsense")
                            .build();

            assertThat(blocks(server.send(request))).hasSize(3);
            assertThat(server.get("/events/a").statusCode()).isEqualTo(401);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "events=21",
                "events=0",
                "intervalMillis=1001",
                "intervalMillis=x",
                "holdSeconds=121"
            })
    void refusesWhatWouldBeTooMuch(String query) throws Exception {
        try (TestServer server = TestServer.with()) {
            HttpResponse<String> response = server.get("/probe?" + query);

            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(response.body()).contains("parameter-malformed");
        }
    }

    @Test
    void sendsHeartbeatsWhileItIsQuiet() throws Exception {
        try (TestServer server = TestServer.with("sse.heartbeat-interval=PT0.2S")) {
            HttpResponse<String> response =
                    server.get("/probe?events=1&intervalMillis=1&holdSeconds=1");

            List<String> lines = response.body().lines().toList();
            assertThat(lines).filteredOn(":"::equals).hasSize(4);
            assertThat(lines).contains("event: end");
        }
    }

    @Test
    void servesFewProbesOfAnAddressAtATime() throws Exception {
        List<RawStream> streams = new ArrayList<>();
        try (TestServer server = TestServer.with("sse.heartbeat-interval=PT0.1S")) {
            for (int i = 0; i < PROBES_PER_ADDRESS; i++) {
                streams.add(probe(server));
                assertThat(streams.getLast().head().getFirst()).contains("200");
            }

            HttpResponse<String> refused = server.get("/probe");

            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.body()).contains("urn:longwave:problem:probes", "\"max\":8");
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            streams.removeLast().close();
            await().until(() -> server.get("/probe?events=1").statusCode() == 200);
        } finally {
            for (RawStream stream : streams) {
                stream.close();
            }
        }
    }

    @Test
    void endsWithTheServer() throws Exception {
        RawStream stream;
        long began;
        try (TestServer server = TestServer.with()) {
            stream = probe(server);
            assertThat(stream.lineWith("event: path")).isNotEmpty();
            began = System.nanoTime();
        }
        try (stream) {
            assertThat(stream.rest()).contains("event: end");
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isLessThan(Duration.ofSeconds(100));
        }
    }

    private static RawStream probe(TestServer server) throws IOException {
        return new RawStream(
                server.port(), "GET /probe?events=1&intervalMillis=1&holdSeconds=120 HTTP/1.1");
    }
}
