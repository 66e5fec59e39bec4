package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.testing.SignedToken;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what, on a server that accepts tokens. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AccessIT {

    private static final SignedToken ALICE =
            SignedToken.of("alice").subscribe("users/{sub}/**", "open/*").publish("users/{sub}/in");

    private final TestServer server =
            TestServer.with(
                    "auth.jwt.secret=" + SignedToken.SECRET,
                    "auth.cookie=session",
                    "auth.rules.0.who=anonymous",
                    "auth.rules.0.topics=news/**",
                    "auth.rules.1.topics=members/**",
                    "auth.rules.1.allow=subscribe,publish",
                    "auth.rules.2.who=editor",
                    "auth.rules.2.topics=news/**",
                    "auth.rules.2.allow=publish");

    @AfterAll
    void close() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "users/alice/in, 200",
        "users/alice/in/deeper, 403",
        "users/bob/in, 403",
        "users/alice%2Fin, 200",
        "users/Alice/in, 403",
        "users/alic%65/in, 200",
        "users/al%C4%B1ce/in, 403", // a dotless i
        "users/ａlice/in, 403",
        "news/today, 403",
        "members/all, 200"
    })
    void publishesWhatItsTokenAndTheRulesAllow(String topic, int status) throws Exception {
        String path = topic.replace("ａ", "%EF%BD%81");

        HttpResponse<String> response =
                server.post("/events/" + path, "x", "Authorization", ALICE.bearer());

        assertThat(response.statusCode()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({
        "/history/users/alice/in, 200",
        "/history/users/alice/**, 200",
        "/history/users/*/in, 403",
        "/history/**, 403",
        "/history/open/a, 200",
        "/history/open/*, 200",
        "/history/open/**, 403",
        "/history/open/a/b, 403",
        "/history/news/x, 200",
        "/events?topic=open/a&topic=secret, 403",
        "/events/open/a?topic=**, 403"
    })
    void readsOnlyWhatIsAllowedAsAWhole(String path, int status) throws Exception {
        var request = server.request(path).header("Authorization", ALICE.bearer()).build();

        HttpResponse<String> response = server.send(request);

        assertThat(response.statusCode()).isEqualTo(status);
    }

    @Test
    void saysWhichTopicIsForbiddenAndNothingOfOthers() throws Exception {
        var request =
                server.request("/events?topic=open/a&topic=secret")
                        .header("Authorization", ALICE.bearer())
                        .build();

        HttpResponse<String> response = server.send(request);

        assertThat(TestServer.json(response).path("type").textValue())
                .isEqualTo("urn:longwave:problem:topic-forbidden");
        assertThat(TestServer.json(response).path("topic").textValue()).isEqualTo("secret");
        assertThat(response.body()).doesNotContain("users/").doesNotContain("open/");
    }

    /** A cursor says where to begin, not what to read. */
    @Test
    void readsNothingMoreWithACursorThatNamesAForbiddenTopic() throws Exception {
        String all = SignedToken.of("root").subscribe("**").publish("**").bearer();
        String cursor;
        try (RawStream stream =
                RawStream.subscribe(
                        server.port(),
                        "/events?topic=open/a&topic=secret",
                        "Authorization: " + all)) {
            cursor = stream.lineWith("id: ").substring("id: ".length());
        }
        for (String topic : List.of("secret", "open/a")) {
            assertThat(server.post("/events/" + topic, "in " + topic, "Authorization", all))
                    .extracting(HttpResponse::statusCode)
                    .isEqualTo(200);
        }

        try (RawStream stream =
                RawStream.subscribe(
                        server.port(),
                        "/events/open/a?lastEventId=" + cursor,
                        "Authorization: " + ALICE.bearer())) {
            assertThat(stream.lineWith("data: ")).isEqualTo("data: in open/a");
        }
        assertThat(
                        server.send(
                                        server.request("/events/secret?lastEventId=" + cursor)
                                                .header("Authorization", ALICE.bearer())
                                                .build())
                                .statusCode())
                .isEqualTo(403);
    }

    @Test
    void letsAnonymousClientsReadWhatTheRulesSay() throws Exception {
        assertThat(server.get("/history/news/x").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/history/members/x", "/history/**", "/events/secret"})
    void asksAnonymousClientsToSignIn(String path) throws Exception {
        HttpResponse<String> response = server.get(path);

        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().firstValue("WWW-Authenticate"))
                .hasValue("Bearer realm=\"longwave\"");
    }

    @Test
    void letsRolesDoMore() throws Exception {
        String editor = SignedToken.of("eve").claim("roles", "editor").bearer();

        assertThat(server.post("/events/news/x", "n", "Authorization", editor).statusCode())
                .isEqualTo(200);
    }

    /** The topic is one that anonymous clients may read. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer nonsense",
                "Bearer",
                "Bearer ",
                "Basic YTpi",
                "bearer a.b.c",
                "Bearer lwk_unknown"
            })
    void takesNobodyForAnonymousWhoseCredentialIsWrong(String field) throws Exception {
        var request = server.request("/history/news/x").header("Authorization", field).build();

        HttpResponse<String> response = server.send(request);

        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().firstValue("WWW-Authenticate")).isPresent();
    }

    @Test
    void refusesExpiredForgedAndForeignTokens() throws Exception {
        SignedToken expired = SignedToken.of("alice").expires(Instant.now().minusSeconds(60));
        SignedToken forged =
                SignedToken.of("alice")
                        .signedWith(
                                Base64.getUrlEncoder()
                                        .encodeToString(
                                                "another key of 32 bytes, or more"
                                                        .getBytes(StandardCharsets.US_ASCII)));
        SignedToken none = SignedToken.of("alice").header("alg", "none");

        assertThat(reason(expired)).isEqualTo("expired");
        assertThat(reason(forged)).isEqualTo("signature");
        assertThat(reason(none)).isEqualTo("algorithm");
    }

    private String reason(SignedToken token) throws Exception {
        var request = server.request("/history/news/x").header("Authorization", token.bearer());
        HttpResponse<String> response = server.send(request.build());
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.body()).doesNotContain(token.text());
        return TestServer.json(response).path("reason").textValue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"access_token", "token", "jwt"})
    void refusesTokensInTheQuery(String name) throws Exception {
        HttpResponse<String> response = server.get("/history/news/x?" + name + '=' + ALICE.text());

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("token-in-query").doesNotContain(ALICE.text());
    }

    @Test
    void publishesNothingOfABatchWithAForbiddenTopic() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "/publish",
                        """
                        {"events":[{"topic":"members/batch","data":"1"},{"topic":"x","data":"2"}]}
                        """,
                        "Authorization",
                        ALICE.bearer());

        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(TestServer.json(response).path("index").intValue()).isEqualTo(1);
        assertThat(history("members/batch")).isEmpty();
    }

    @Test
    void publishesTheLinesBeforeAForbiddenOne() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "/publish",
                        """
                        {"topic":"members/lines","data":"1"}
                        {"topic":"x","data":"2"}
                        {"topic":"members/lines","data":"3"}
                        """,
                        "Authorization",
                        ALICE.bearer(),
                        "Content-Type",
                        "application/x-ndjson");

        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(TestServer.json(response).path("line").intValue()).isEqualTo(2);
        assertThat(history("members/lines")).hasSize(1);
    }

    private Iterable<?> history(String topic) throws Exception {
        var request =
                server.request("/history/" + topic).header("Authorization", ALICE.bearer()).build();
        return TestServer.json(server.send(request)).path("events");
    }

    @ParameterizedTest
    @CsvSource({
        "same-origin, '', 200",
        "same-site, https://other.localhost, 200",
        "none, '', 200",
        "cross-site, https://evil.example, 403",
        "'', http://localhost, 200",
        "'', http://evil.example, 403",
        "'', null, 403",
        "'', '', 403"
    })
    void publishesWithACookieOnlyForItsOwnPages(String site, String origin, int status)
            throws Exception {
        try (var connection = new RawHttp1(server.port())) {
            connection.send(
                    "POST /events/members/x HTTP/1.1",
                    "Cookie: a=b; session=" + ALICE.text(),
                    site.isEmpty() ? "X-A: b" : "Sec-Fetch-Site: " + site,
                    origin.isEmpty() ? "X-C: d" : "Origin: " + origin,
                    "Content-Length: 0");

            assertThat(connection.head().code()).isEqualTo(status);
        }
    }

    @Test
    void refusesTwoDifferentCookiesOfTheName() throws Exception {
        try (var connection = new RawHttp1(server.port())) {
            connection.send(
                    "GET /history/news/x HTTP/1.1",
                    "Cookie: session=" + ALICE.text() + "; session=other");

            assertThat(connection.head().code()).isEqualTo(400);
        }
    }

    @Test
    void doesNotListenBeyondLoopbackWithoutKeys() {
        assertThatThrownBy(() -> TestServer.with("server.host=0.0.0.0"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("auth.jwt.key-file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"auth.jwt.issuer=me", "auth.cookie=session", "auth.ticket-secret=x"})
    void doesNotStartWithSettingsThatLetNobodyIn(String setting) {
        assertThatThrownBy(() -> TestServer.with(setting))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("auth.jwt.key-file");
    }

    /** Port 9 is that of nobody. */
    @Test
    void acceptsTokensWhileAnotherIssuerIsNotReached() throws Exception {
        try (var other =
                TestServer.with(
                        "auth.jwt.secret=" + SignedToken.SECRET,
                        "auth.jwt.jwks-url=http://127.0.0.1:9/a",
                        "auth.issuers.a.issuer=a",
                        "auth.issuers.a.jwks-url=http://127.0.0.1:9/b")) {
            var request = other.request("/history/open/a").header("Authorization", ALICE.bearer());
            assertThat(other.send(request.build()).statusCode()).isEqualTo(200);

            var unknown =
                    other.request("/history/open/a")
                            .header(
                                    "Authorization",
                                    SignedToken.of("x").header("kid", "unknown").bearer());
            assertThat(other.send(unknown.build()).statusCode()).isEqualTo(403);
        }
    }

    @Test
    void letsAServerWithAKeyDoWhatItsEntrySays() throws Exception {
        Path keys = KeysFile.create("orders/**");
        try (var keyed = TestServer.with("auth.keys-file=" + keys)) {
            String key = KeysFile.BEARER;
            assertThat(keyed.post("/events/orders/1", "x", "Authorization", key).statusCode())
                    .isEqualTo(200);
            assertThat(keyed.post("/events/other", "x", "Authorization", key).statusCode())
                    .isEqualTo(403);

            Files.writeString(keys, "{}");

            await().until(() ->
                    keyed.post("/events/orders/1", "x", "Authorization", key).statusCode() == 401);
        } finally {
            Files.delete(keys);
        }
    }

    @Test
    void listensBeyondLoopbackWithKeys() throws Exception {
        try (var open =
                TestServer.with("server.host=0.0.0.0", "auth.jwt.secret=" + SignedToken.SECRET)) {
            try (var connection = new RawHttp1(open.port())) {
                assertThat(connection.send("GET /history/a HTTP/1.1").head().code()).isEqualTo(401);
            }
        }
    }

    @Test
    void endsAStreamWhenItsTokenExpires() throws Exception {
        Instant end = Instant.now().plusSeconds(3).truncatedTo(ChronoUnit.SECONDS);
        try (var connection = new RawHttp1(server.port())) {
            connection.send(
                    "GET /events/open/a HTTP/1.1",
                    "Authorization: "
                            + SignedToken.of("a").subscribe("open/*").expires(end).bearer());
            assertThat(connection.head().code()).isEqualTo(200);

            String stream = new String(connection.rest(), StandardCharsets.UTF_8);

            assertThat(stream).contains("retry: ").endsWith("0\r\n\r\n");
            assertThat(Instant.now()).isAfter(end.minusMillis(2)); // timers count in milliseconds
        }
    }
}
