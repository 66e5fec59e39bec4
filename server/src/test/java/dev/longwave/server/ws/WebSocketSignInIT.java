package dev.longwave.server.ws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.server.TestServer;
import dev.longwave.testing.SignedToken;
import dev.longwave.testing.WebSocketClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Who may open a WebSocket, and who may speak on one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WebSocketSignInIT {

    private final TestServer server =
            TestServer.with("auth.jwt.secret=" + SignedToken.SECRET, "auth.cookie=token");

    @AfterAll
    void close() {
        server.close();
    }

    private static SignedToken alice() {
        return SignedToken.of("alice").subscribe("a", "read").publish("a");
    }

    private WebSocketClient connect(String path, String... fields) throws IOException {
        return WebSocketClient.connect(URI.create(server.url(path)), fields);
    }

    private int status(String path, String... fields) throws IOException {
        try (WebSocketClient client = WebSocketClient.open(URI.create(server.url(path)), fields)) {
            return client.head().status();
        }
    }

    private static String bearer(SignedToken token) {
        return "Authorization: " + token.bearer();
    }

    @Test
    void letsAClientReadAndPublishWhereItsTokenAllowsIt() throws Exception {
        try (WebSocketClient client = connect("/ws/a", bearer(alice()))) {
            client.text("hello");
            assertThat(client.readData().text()).isEqualTo("hello");
        }
        try (WebSocketClient client = connect("/ws/read", bearer(alice()))) {
            client.text("hello");
            WebSocketClient.Frame close = client.readData();
            assertThat(close.code()).isEqualTo(1008);
            assertThat(close.reason()).isEqualTo("topic-forbidden");
        }
    }

    @Test
    void refusesTheUpgradeOfOthers() throws Exception {
        assertThat(status("/ws/a")).isEqualTo(401);
        assertThat(status("/ws/b", bearer(alice()))).isEqualTo(403);
        assertThat(status("/ws/a", bearer(alice().expires(Instant.EPOCH)))).isEqualTo(401);
        assertThat(status("/ws/a?access_token=" + alice().text())).isEqualTo(400);
    }

    /** A browser lets a page say nothing else when it opens a WebSocket. */
    @Test
    void takesATokenAmongTheProtocols() throws Exception {
        String token = "longwave.bearer." + alice().text();
        try (WebSocketClient client =
                connect("/ws/a", "Sec-WebSocket-Protocol: longwave.v1, " + token)) {
            assertThat(client.head().header("sec-websocket-protocol")).isEqualTo("longwave.v1");
            client.text("hello");
            assertThat(client.readData().text()).isEqualTo("hello");
        }
        assertThat(status("/ws/a", "Sec-WebSocket-Protocol: longwave.bearer.nonsense"))
                .isEqualTo(401);
        assertThat(status("/ws/b", "Sec-WebSocket-Protocol: " + token)).isEqualTo(403);
        assertThat(status("/ws/a", "Sec-WebSocket-Protocol: " + token, bearer(alice())))
                .isEqualTo(400);
    }

    /** A page of any site can open a WebSocket, and the browser sends the cookie. */
    @Test
    void takesNoCookieThatAPageOfAnotherSiteHasSent() throws Exception {
        String cookie = "Cookie: token=" + alice().text();

        assertThat(status("/ws/a", cookie, "Origin: https://evil.test")).isEqualTo(403);
        assertThat(status("/ws/a", cookie, "Origin: null")).isEqualTo(403);
        assertThat(status("/ws/a", cookie, "Origin: http://127.0.0.1:" + server.port()))
                .isEqualTo(101);
    }

    @Test
    void takesATicketForAWebSocketOnce() throws Exception {
        String ticket = ticket("{\"purpose\":\"websocket\"}");

        assertThat(status("/events/a?ticket=" + ticket)).isEqualTo(401);
        assertThat(status("/ws/a?ticket=" + ticket)).isEqualTo(101);
        assertThat(status("/ws/a?ticket=" + ticket)).isEqualTo(401);
        assertThat(status("/ws/a?ticket=" + ticket("{}"))).isEqualTo(401);
    }

    private String ticket(String body) throws Exception {
        String answer =
                server.send(
                                server.request("/tickets")
                                        .header("Authorization", alice().bearer())
                                        .header("Content-Type", "application/json")
                                        .POST(HttpRequest.BodyPublishers.ofString(body))
                                        .build())
                        .body();
        return answer.replaceFirst("(?s).*\"ticket\":\"([^\"]+)\".*", "$1");
    }

    @Test
    void endsAConnectionWhoseTokenExpires() throws Exception {
        SignedToken soon =
                SignedToken.of("bob").subscribe("a").expires(Instant.now().plusSeconds(2));
        try (WebSocketClient client = connect("/ws/a", bearer(soon))) {
            WebSocketClient.Frame close = client.readData();
            assertThat(close.code()).isEqualTo(1008);
            assertThat(close.reason()).isEqualTo("expired");
        }
    }

    @Test
    void endsAConnectionWhoseSubjectIsRevoked() throws Exception {
        SignedToken carol = SignedToken.of("carol").subscribe("a");
        try (WebSocketClient client = connect("/ws/a", bearer(carol))) {
            server.send(
                    HttpRequest.newBuilder(URI.create(server.server().adminUrl() + "/admin/revoke"))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("{\"subject\":\"carol\"}"))
                            .build());

            WebSocketClient.Frame close = client.readData();
            assertThat(close.code()).isEqualTo(1008);
            assertThat(close.reason()).isEqualTo("revoked");
        }
        assertThat(status("/ws/a", bearer(carol))).isEqualTo(401);
    }
}
