package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.testing.SignedToken;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that lose their right lose their streams, and do not come back with what they have. */
final class RevocationIT {

    private final TestServer server = TestServer.with("auth.jwt.secret=" + SignedToken.SECRET);

    @AfterEach
    void close() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"subject, alice", "token, t1"})
    void endsTheStreamsMeantAndNoOthers(String member, String value) throws Exception {
        SignedToken revoked = SignedToken.of("alice").claim("jti", "t1").subscribe("a");
        SignedToken other = SignedToken.of("bob").claim("jti", "t2").subscribe("a").publish("a");
        try (RawStream meant = stream(revoked);
                RawStream spared = stream(other)) {
            assertThat(meant.head().getFirst()).contains("200");
            assertThat(spared.lineWith("id: ")).isNotEmpty();

            int status = admin("revoke", "{\"%s\":\"%s\"}".formatted(member, value));

            assertThat(status).isEqualTo(202);
            assertThat(meant.rest()).noneMatch(line -> line.startsWith("data: "));
            assertThat(
                            server.post("/events/a", "after", "Authorization", other.bearer())
                                    .statusCode())
                    .isEqualTo(200);
            assertThat(spared.lineWith("data: ")).isEqualTo("data: after");
        }
        assertThat(history(revoked)).isEqualTo(401);
        assertThat(history(other)).isEqualTo(200);
    }

    @Test
    void acceptsATokenThatWasIssuedLater() throws Exception {
        assertThat(admin("revoke", "{\"subject\":\"alice\"}")).isEqualTo(202);
        SignedToken later =
                SignedToken.of("alice").issued(Instant.now().plusSeconds(1)).subscribe("a");

        assertThat(history(SignedToken.of("alice").subscribe("a"))).isEqualTo(401);
        assertThat(history(later)).isEqualTo(200);
    }

    @Test
    void keepsTheLongerOfTwoRevocations() throws Exception {
        assertThat(admin("revoke", "{\"subject\":\"alice\",\"for\":\"PT1H\"}")).isEqualTo(202);
        assertThat(admin("revoke", "{\"subject\":\"alice\",\"for\":\"PT0.001S\"}")).isEqualTo(202);

        assertThat(history(SignedToken.of("alice").subscribe("a"))).isEqualTo(401);
    }

    @Test
    void letsADisconnectedClientConnectAgain() throws Exception {
        SignedToken alice = SignedToken.of("alice").subscribe("a");
        try (RawStream stream = stream(alice)) {
            assertThat(stream.head().getFirst()).contains("200");

            assertThat(admin("disconnect", "{\"subject\":\"alice\"}")).isEqualTo(202);

            assertThat(stream.rest()).isNotEmpty();
        }
        assertThat(history(alice)).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                  | 400",
                "{\"subject\":\"a\",\"token\":\"b\"} | 400",
                "{\"subject\":1}                     | 400",
                "{\"subject\":\"a\",\"for\":\"P9Y\"} | 400",
                "{\"subject\":\"a\",\"fro\":\"PT1H\"} | 400",
                "[]                                  | 400",
                "nonsense                            | 400"
            })
    void refusesWhatNamesNobody(String body, int status) throws Exception {
        assertThat(admin("revoke", body)).isEqualTo(status);
    }

    @Test
    void takesNoFormOfAPage() throws Exception {
        assertThat(admin("revoke", "{\"subject\":\"a\"}", "text/plain")).isEqualTo(415);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /history/$longwave/revocations",
        "GET, /events/$longwave/revocations",
        "GET, /events/$longwave/*",
        "POST, /events/$longwave/revocations"
    })
    void keepsItsOwnTopicToItself(String method, String path) throws Exception {
        SignedToken all = SignedToken.of("root").subscribe("**").publish("**");
        HttpRequest request =
                server.request(path)
                        .header("Authorization", all.bearer())
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build();

        assertThat(server.send(request).statusCode()).isEqualTo(400);
    }

    private RawStream stream(SignedToken token) throws Exception {
        return RawStream.subscribe(server.port(), "/events/a", "Authorization: " + token.bearer());
    }

    private int history(SignedToken token) throws Exception {
        return server.send(
                        server.request("/history/a")
                                .header("Authorization", token.bearer())
                                .build())
                .statusCode();
    }

    private int admin(String command, String body) throws Exception {
        return admin(command, body, "application/json");
    }

    private int admin(String command, String body, String type) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    server.server().adminUrl()
                                                            + "/admin/"
                                                            + command))
                                    .header("Content-Type", type)
                                    .POST(HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }
}
