package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.server.http.Json;
import dev.longwave.testing.SignedToken;
import dev.longwave.testing.WebSocketClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The access log of a whole server. */
final class AccessLogIT {

    @TempDir private Path folder;

    private Path file() {
        return folder.resolve("access.log");
    }

    private TestServer server(String... more) {
        var settings = new ArrayList<>(List.of(more));
        settings.add("access-log.format=json");
        settings.add("access-log.file=" + file());
        return TestServer.with(settings.toArray(String[]::new));
    }

    @Test
    void hasALineForEachRequest() throws Exception {
        try (TestServer server = server()) {
            server.post("/events/a", "hello", "User-Agent", "a \"robot\"");
            server.get("/history/a");
            server.get("/nothing?ticket=secret");

            List<JsonNode> lines = lines(3);

            assertThat(lines.get(0).path("method").textValue()).isEqualTo("POST");
            assertThat(lines.get(0).path("path").textValue()).isEqualTo("/events/a");
            assertThat(lines.get(0).path("status").intValue()).isEqualTo(200);
            assertThat(lines.get(0).path("client").textValue()).isEqualTo("127.0.0.1");
            assertThat(lines.get(0).path("protocol").textValue()).isEqualTo("HTTP/1.1");
            assertThat(lines.get(0).path("agent").textValue()).isEqualTo("a \"robot\"");
            assertThat(lines.get(0).path("bytes").longValue()).isPositive();
            assertThat(lines.get(1).path("path").textValue()).isEqualTo("/history/a");
            assertThat(lines.get(2).path("status").intValue()).isEqualTo(404);
            assertThat(Files.readString(file())).doesNotContain("secret");
        }
    }

    @Test
    void hasALineForAStreamAtItsEnd() throws Exception {
        SignedToken alice = SignedToken.of("alice").subscribe("a").publish("a");
        try (TestServer server =
                server("auth.jwt.secret=" + SignedToken.SECRET, "sse.heartbeat-interval=PT0.2S")) {
            String bearer = "Authorization: " + alice.bearer();
            try (RawStream stream =
                    RawStream.subscribe(server.port(), "/events?topic=a&trace", bearer)) {
                await().until(() -> server.server().openStreams() == 1);
                server.post("/events/a", "one", "Authorization", alice.bearer());
                assertThat(stream.lineWith("data: ")).isEqualTo("data: one");
                assertThat(lines(1).getFirst().path("method").textValue()).isEqualTo("POST");
            }

            JsonNode line = lines(2).getLast();

            assertThat(line.path("stream").textValue()).isEqualTo("sse");
            assertThat(line.path("subject").textValue()).isEqualTo("alice");
            assertThat(line.path("path").textValue()).isEqualTo("/events");
            assertThat(line.path("topics").toString()).isEqualTo("[\"a\"]");
            assertThat(line.path("events").intValue()).isOne();
            assertThat(line.path("gaps").intValue()).isZero();
            assertThat(line.path("bytes").intValue()).isGreaterThan(20);
            assertThat(line.path("seconds").doubleValue()).isPositive();
            assertThat(line.path("reason").textValue()).isEqualTo("client-left");
            assertThat(Files.readString(file())).doesNotContain(alice.text());
        }
    }

    @Test
    void hasALineForAWebSocketAndForAStreamOverHttp2() throws Exception {
        try (TestServer server = server();
                HttpClient http2 =
                        HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            var answer =
                    http2.send(
                            HttpRequest.newBuilder(URI.create(server.url("/events/a"))).build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            try (WebSocketClient socket =
                    WebSocketClient.connect(URI.create(server.url("/ws/a")))) {
                await().until(() -> server.server().openStreams() == 2);
                socket.closing(1000);

                JsonNode line = lines(1).getFirst();

                assertThat(line.path("stream").textValue()).isEqualTo("websocket");
                assertThat(line.path("reason").textValue()).isEqualTo("client-closed");
            }

            server.server().close();

            JsonNode line = lines(2).getLast();
            assertThat(line.path("stream").textValue()).isEqualTo("sse");
            assertThat(line.path("protocol").textValue()).isEqualTo("HTTP/2.0");
            assertThat(line.path("reason").textValue()).isEqualTo("shutdown");
            answer.body().close();
        }
    }

    @Test
    void saysWhoWasRefused() throws Exception {
        try (TestServer server = server("auth.jwt.secret=" + SignedToken.SECRET)) {
            server.post("/events/a", "x", "Authorization", SignedToken.of("bob").bearer());
            server.get("/events/a");

            List<JsonNode> lines = lines(2);

            assertThat(lines.get(0).path("subject").textValue()).isEqualTo("bob");
            assertThat(lines.get(0).path("status").intValue()).isEqualTo(403);
            assertThat(lines.get(1).has("subject")).isFalse();
            assertThat(lines.get(1).path("status").intValue()).isEqualTo(401);
        }
    }

    @Test
    void canBeText() throws Exception {
        try (TestServer server =
                TestServer.with("access-log.format=text", "access-log.file=" + file())) {
            server.post("/events/a", "hello", "User-Agent", "a \"robot\"");

            await().until(() -> Files.size(file()) > 0);

            assertThat(Files.readString(file()))
                    .startsWith("time=")
                    .contains(
                            " client=127.0.0.1 method=POST path=/events/a protocol=HTTP/1.1"
                                    + " agent=\"a \\\"robot\\\"\" status=200 seconds=")
                    .endsWith("\n");
        }
    }

    @Test
    void saysThatItsFileCannotBeWrittenTo() {
        assertThatThrownBy(() ->
                        TestServer.with(
                                "access-log.format=json", "access-log.file=" + folder + "/no/file"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("access-log.file");
    }

    private List<JsonNode> lines(int count) throws IOException {
        await().untilAsserted(() -> assertThat(Files.readAllLines(file())).hasSize(count));
        return Files.readAllLines(file()).stream()
                .map(line -> line.getBytes(StandardCharsets.UTF_8))
                .map(bytes -> Json.parse(bytes, 0, bytes.length))
                .toList();
    }
}
