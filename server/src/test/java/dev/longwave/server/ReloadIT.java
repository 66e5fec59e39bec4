package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.net.TestCertificate;
import dev.longwave.testing.SignedToken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that is told to read its configuration again. */
final class ReloadIT {

    private static final String OTHER_SECRET =
            SignedToken.SECRET.substring(0, SignedToken.SECRET.length() - 2) + "AA";
    private static final String API_KEY = "lwk_0123456789abcdef";

    @TempDir private Path folder;
    private final Map<String, String> settings =
            TestServer.values(
                    "auth.jwt.secret=" + SignedToken.SECRET,
                    "auth.rules.staff.who=staff",
                    "auth.rules.staff.topics=a,b",
                    "auth.rules.staff.allow=subscribe,publish");
    private TestServer server = TestServer.reading(settings);
    private final SignedToken alice = SignedToken.of("alice").claim("roles", "staff");

    @AfterEach
    void close() {
        server.close();
    }

    private void restart(String... more) {
        server.close();
        for (String setting : more) {
            String[] parts = setting.split("=", 2);
            settings.put(parts[0], parts[1]);
        }
        server = TestServer.reading(settings);
    }

    private HttpResponse<String> reload(String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server.server().adminUrl() + "/admin/reload"))
                        .POST(HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.send(request.build());
    }

    private JsonNode reloaded() throws Exception {
        HttpResponse<String> answer = reload();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return TestServer.json(answer);
    }

    private RawStream stream(String topic, SignedToken token) throws IOException {
        RawStream stream =
                RawStream.subscribe(
                        server.port(), "/events/" + topic, "Authorization: " + token.bearer());
        assertThat(stream.head().getFirst()).contains("200");
        return stream;
    }

    private int publish(String topic, SignedToken token) throws Exception {
        return server.post("/events/" + topic, "after", "Authorization", token.bearer())
                .statusCode();
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(text -> texts.add(text.textValue()));
        return texts;
    }

    @Test
    void endsTheStreamsThatNewRulesDoNotAllow() throws Exception {
        SignedToken root = SignedToken.of("root").subscribe("**").publish("**");
        try (RawStream lost = stream("a", alice);
                RawStream kept = stream("b", alice);
                RawStream byToken = stream("a", root)) {
            assertThat(lost.lineWith("id: ")).isNotEmpty();
            settings.put("auth.rules.staff.topics", "b");

            JsonNode outcome = reloaded();

            assertThat(texts(outcome.path("applied"))).containsExactly("auth.rules.staff.topics");
            assertThat(texts(outcome.path("needRestart"))).isEmpty();
            assertThat(outcome.path("endedStreams").intValue()).isEqualTo(1);
            assertThat(publish("a", root)).isEqualTo(200);
            assertThat(publish("b", root)).isEqualTo(200);
            assertThat(lost.rest()).noneMatch(line -> line.startsWith("data: "));
            assertThat(kept.lineWith("data: ")).isEqualTo("data: after");
            assertThat(byToken.lineWith("data: ")).isEqualTo("data: after");
        }
        assertThat(publish("a", alice)).isEqualTo(403);
        assertThat(publish("b", alice)).isEqualTo(200);
    }

    @Test
    void endsAStreamOfSeveralTopicsIfOneOfThemIsForbidden() throws Exception {
        try (RawStream both =
                RawStream.subscribe(
                        server.port(),
                        "/events?topic=a&topic=b",
                        "Authorization: " + alice.bearer())) {
            assertThat(both.lineWith("id: ")).isNotEmpty();
            settings.put("auth.rules.staff.topics", "b");

            assertThat(reloaded().path("endedStreams").intValue()).isEqualTo(1);

            assertThat(both.rest()).noneMatch(line -> line.startsWith("data: "));
        }
    }

    @Test
    void endsNothingWhenRulesAllowMore() throws Exception {
        try (RawStream stream = stream("a", alice)) {
            settings.put("auth.rules.more.who", "anonymous");
            settings.put("auth.rules.more.topics", "news/*");
            settings.put("auth.rules.more.allow", "publish");

            assertThat(reloaded().path("endedStreams").intValue()).isZero();

            assertThat(server.post("/events/news/1", "x").statusCode()).isEqualTo(200);
            assertThat(publish("a", alice)).isEqualTo(200);
            assertThat(stream.lineWith("data: ")).isEqualTo("data: after");
        }
    }

    @ParameterizedTest
    @EnumSource
    void narrowsThePublishersOfOpenConnections(HttpClient.Version version) throws Exception {
        try (HttpClient client = HttpClient.newBuilder().version(version).build()) {
            HttpRequest publish =
                    server.request("/events/a")
                            .header("Authorization", alice.bearer())
                            .POST(HttpRequest.BodyPublishers.ofString("x"))
                            .build();
            assertThat(client.send(publish, HttpResponse.BodyHandlers.discarding()).statusCode())
                    .isEqualTo(200);
            settings.put("auth.rules.staff.allow", "subscribe");

            var _ = reloaded();

            assertThat(client.send(publish, HttpResponse.BodyHandlers.discarding()).statusCode())
                    .isEqualTo(403);
        }
    }

    /** Streams of tickets, and the tickets themselves, also those that are narrowed to topics. */
    @Test
    void narrowsTickets() throws Exception {
        String before = ticket("");
        String narrowed = ticket("{\"topics\":[\"a\"]}");
        String later = ticket("{\"topics\":[\"a\"]}");
        try (RawStream one = RawStream.subscribe(server.port(), "/events/a?ticket=" + before);
                RawStream two =
                        RawStream.subscribe(server.port(), "/events/a?ticket=" + narrowed)) {
            String id = one.lineWith("id: ").substring("id: ".length());
            assertThat(two.lineWith("id: ")).isNotEmpty();
            settings.put("auth.rules.staff.topics", "b");

            assertThat(reloaded().path("endedStreams").intValue()).isEqualTo(2);

            assertThat(one.rest()).noneMatch(line -> line.startsWith("data: "));
            try (RawStream again =
                    RawStream.subscribe(
                            server.port(), "/events/a?ticket=" + before, "Last-Event-ID: " + id)) {
                assertThat(again.head().getFirst()).contains("403");
            }
            try (RawStream first =
                    RawStream.subscribe(server.port(), "/events/a?ticket=" + later)) {
                assertThat(first.head().getFirst()).contains("403");
            }
        }
    }

    private String ticket(String body) throws Exception {
        return TestServer.json(server.post("/tickets", body, "Authorization", alice.bearer()))
                .path("ticket")
                .textValue();
    }

    @Test
    void appliesCorsAndQuotas() throws Exception {
        settings.put("cors.origins", "https://app.example");
        settings.put("limits.tickets-per-minute", "1");

        assertThat(texts(reloaded().path("applied")))
                .containsExactly("cors.origins", "limits.tickets-per-minute");

        HttpRequest preflight =
                server.request("/events/a")
                        .header("Origin", "https://app.example")
                        .header("Access-Control-Request-Method", "POST")
                        .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                        .build();
        assertThat(server.send(preflight).headers().firstValue("Access-Control-Allow-Origin"))
                .hasValue("https://app.example");
        assertThat(ticket("")).isNotEmpty();
        assertThat(server.post("/tickets", "", "Authorization", alice.bearer()).statusCode())
                .isEqualTo(429);
    }

    @Test
    void usesOtherCertificates(@TempDir Path others) throws Exception {
        TestCertificate first = TestCertificate.of("localhost").write(folder);
        TestCertificate next = TestCertificate.of("localhost").write(others);
        restart(
                "tls.cert=" + TestCertificate.certificateFile(folder),
                "tls.key=" + TestCertificate.keyFile(folder),
                "tls.reload-interval=PT24H");
        assertThat(health(first)).isEqualTo(200);
        settings.put("tls.cert", TestCertificate.certificateFile(others).toString());
        settings.put("tls.key", TestCertificate.keyFile(others).toString());

        assertThat(texts(reloaded().path("applied"))).containsExactly("tls.cert", "tls.key");
        assertThat(health(next)).isEqualTo(200);

        first.write(others);
        var _ = reloaded();
        assertThat(health(first)).isEqualTo(200);
    }

    private int health(TestCertificate trusted) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().sslContext(TestCertificate.trusting(trusted)).build()) {
            return client.send(
                            server.request("/health/live").build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    @Test
    void saysWhatNeedsARestartUntilItIsTakenBack() throws Exception {
        settings.put("sse.retry", "PT7S");
        settings.put("auth.rules.staff.topics", "b");

        JsonNode outcome = reloaded();
        assertThat(texts(outcome.path("needRestart"))).containsExactly("sse.retry");
        assertThat(texts(outcome.path("applied"))).containsExactly("auth.rules.staff.topics");
        outcome = reloaded();
        assertThat(texts(outcome.path("needRestart"))).containsExactly("sse.retry");
        assertThat(texts(outcome.path("applied"))).isEmpty();

        settings.remove("sse.retry");
        assertThat(texts(reloaded().path("needRestart"))).isEmpty();
    }

    /** Without settings of auth, it would be open to everyone. */
    @Test
    void keepsItsRulesIfTheNextConfigurationHasNone() throws Exception {
        restart();
        settings.keySet().removeIf(key -> key.startsWith("auth."));

        assertThat(texts(reloaded().path("needRestart")))
                .contains("auth.jwt.secret", "auth.rules.staff.topics");

        assertThat(publish("a", alice)).isEqualTo(200);
        assertThat(server.post("/events/a", "x").statusCode()).isEqualTo(401);
    }

    @Test
    void changesNothingIfAnySettingIsInvalid() throws Exception {
        try (RawStream stream = stream("a", alice)) {
            settings.put("auth.rules.staff.topics", "b");
            settings.put("sse.retry", "soon");

            HttpResponse<String> answer = reload();

            assertThat(answer.statusCode()).isEqualTo(422);
            assertThat(answer.body()).contains("configuration-invalid", "sse.retry");
            settings.remove("sse.retry");
            settings.put("sse.rety", "PT1S");
            assertThat(reload().body()).contains("did you mean sse.retry?");
            assertThat(publish("a", alice)).isEqualTo(200);
            assertThat(stream.lineWith("data: ")).isEqualTo("data: after");
        }
    }

    @Test
    void changesNothingIfAFileIsInvalid() throws Exception {
        Path keys = apiKeys(API_KEY);
        restart("auth.keys-file=" + keys);
        try (RawStream stream = stream("a", alice)) {
            Files.writeString(keys, "nonsense");
            settings.put("auth.rules.staff.topics", "b");

            HttpResponse<String> answer = reload();

            assertThat(answer.statusCode()).isEqualTo(422);
            assertThat(answer.body()).contains(keys.getFileName().toString());
            assertThat(publish("a", alice)).isEqualTo(200);
            assertThat(stream.lineWith("data: ")).isEqualTo("data: after");
        }
    }

    private Path apiKeys(String... keys) throws Exception {
        var entries = new StringBuilder();
        for (String key : keys) {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(key.getBytes(StandardCharsets.UTF_8));
            entries.append(
                    "k%d: {sha256: %s, subscribe: [a]}%n"
                            .formatted(entries.length(), HexFormat.of().formatHex(hash)));
        }
        return Files.writeString(folder.resolve("api-keys.yaml"), entries);
    }

    @Test
    void endsTheStreamsOfAnApiKeyThatIsGone() throws Exception {
        restart("auth.keys-file=" + apiKeys(API_KEY, "lwk_other"));
        try (RawStream lost = byKey(API_KEY);
                RawStream kept = byKey("lwk_other")) {
            assertThat(lost.lineWith("id: ")).isNotEmpty();
            var _ = apiKeys("lwk_other");

            assertThat(reloaded().path("endedStreams").intValue()).isEqualTo(1);

            assertThat(publish("a", alice)).isEqualTo(200);
            assertThat(lost.rest()).noneMatch(line -> line.startsWith("data: "));
            assertThat(kept.lineWith("data: ")).isEqualTo("data: after");
        }
    }

    /** A request notices it. */
    @Test
    void endsTheStreamsOfAnApiKeyWithoutBeingTold() throws Exception {
        restart("auth.keys-file=" + apiKeys(API_KEY));
        try (RawStream lost = byKey(API_KEY)) {
            assertThat(lost.lineWith("id: ")).isNotEmpty();
            var _ = apiKeys("lwk_other");

            await().until(() -> {
                var _ = server.get("/history/a");
                return server.post("/events/a", "x", "Authorization", "Bearer " + API_KEY)
                                        .statusCode()
                                == 401
                        && server.server().openStreams() == 0;
            });

            assertThat(lost.rest()).noneMatch(line -> line.startsWith("data: "));
        }
    }

    private RawStream byKey(String key) throws IOException {
        return RawStream.subscribe(server.port(), "/events/a", "Authorization: Bearer " + key);
    }

    @Test
    void endsTheStreamsOfATokenWhoseKeyIsGone() throws Exception {
        Path keys = signingKeys(SignedToken.SECRET, OTHER_SECRET);
        settings.remove("auth.jwt.secret");
        restart("auth.jwt.key-file=" + keys);
        SignedToken other =
                SignedToken.of("bob").subscribe("a").publish("a").signedWith(OTHER_SECRET);
        try (RawStream lost = stream("a", alice);
                RawStream kept = stream("a", other)) {
            assertThat(lost.lineWith("id: ")).isNotEmpty();
            var _ = signingKeys(OTHER_SECRET);

            assertThat(reloaded().path("endedStreams").intValue()).isEqualTo(1);

            assertThat(publish("a", other)).isEqualTo(200);
            assertThat(lost.rest()).noneMatch(line -> line.startsWith("data: "));
            assertThat(kept.lineWith("data: ")).isEqualTo("data: after");
            assertThat(publish("a", alice)).isEqualTo(401);
        }
    }

    private Path signingKeys(String... secrets) throws IOException {
        var keys = new ArrayList<String>();
        for (String secret : secrets) {
            keys.add("{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"%s\"}".formatted(secret));
        }
        Path file = folder.resolve("keys.json");
        Files.writeString(file, "{\"keys\":[" + String.join(",", keys) + "]}");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    @Test
    void takesNoCommandFromAPageOtherThanTheConsole() throws Exception {
        String console = server.server().adminUrl();

        assertThat(reload("Origin", console).statusCode()).isEqualTo(200);
        for (String page :
                List.of(server.url(""), console.replace("http:", "https:"), "null", console + 0)) {
            assertThat(reload("Origin", page).statusCode()).as(page).isEqualTo(403);
        }
    }
}
