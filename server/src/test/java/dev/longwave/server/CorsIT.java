package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.testing.SignedToken;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What pages of other origins may read. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CorsIT {

    private static final String PAGE = "https://app.example.com";

    private final TestServer server =
            TestServer.with(
                    "auth.jwt.secret=" + SignedToken.SECRET,
                    "auth.cookie=session",
                    "cors.origins=" + PAGE + ",https://*.sites.example.com",
                    "cors.credentials=true",
                    "cors.private-network=true");

    @AfterAll
    void close() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/health/live, 200",
        "/history/a, 401",
        "/events/a, 401",
        "/nope, 404",
        "/history/a?limit=x, 401"
    })
    void allowsAPageToReadEachResponse(String path, int status) throws Exception {
        try (var connection = new RawHttp1(server.port())) {
            RawHttp1.Head head =
                    connection.send("GET " + path + " HTTP/1.1", "Origin: " + PAGE).head();

            assertThat(head.code()).isEqualTo(status);
            assertThat(head.header("Access-Control-Allow-Origin")).isEqualTo(PAGE);
            assertThat(head.header("Access-Control-Allow-Credentials")).isEqualTo("true");
            assertThat(head.header("Timing-Allow-Origin")).isEqualTo(PAGE);
            assertThat(head.header("Vary")).isEqualTo("Origin");
        }
    }

    @Test
    void allowsAPageToReadAStream() throws Exception {
        try (var connection = new RawHttp1(server.port())) {
            RawHttp1.Head head =
                    connection
                            .send(
                                    "GET /events/a HTTP/1.1",
                                    "Origin: https://x.sites.example.com",
                                    "Authorization: " + SignedToken.of("a").subscribe("a").bearer())
                            .head();

            assertThat(head.code()).isEqualTo(200);
            assertThat(head.header("Access-Control-Allow-Origin"))
                    .isEqualTo("https://x.sites.example.com");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "https://evil.example",
                "https://app.example.com.evil.example",
                "http://app.example.com",
                "https://app.example.com:444"
            })
    void saysNothingToOthers(String origin) throws Exception {
        try (var connection = new RawHttp1(server.port())) {
            RawHttp1.Head head =
                    connection.send("GET /health/live HTTP/1.1", "Origin: " + origin).head();

            assertThat(head.header("Access-Control-Allow-Origin")).isEmpty();
            assertThat(head.header("Access-Control-Allow-Credentials")).isEmpty();
            assertThat(head.header("Vary")).isEqualTo("Origin");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/events/a", "/publish", "/tickets", "/history/a"})
    void answersPreflightsWithoutACredential(String path) throws Exception {
        try (var connection = new RawHttp1(server.port())) {
            RawHttp1.Head head =
                    connection
                            .send(
                                    "OPTIONS " + path + " HTTP/1.1",
                                    "Origin: " + PAGE,
                                    "Access-Control-Request-Method: POST",
                                    "Access-Control-Request-Headers: authorization",
                                    "Access-Control-Request-Private-Network: true")
                            .head();

            assertThat(head.code()).isEqualTo(204);
            assertThat(head.header("Access-Control-Allow-Methods")).contains("POST");
            assertThat(head.header("Access-Control-Allow-Headers"))
                    .contains("Authorization", "Last-Event-ID");
            assertThat(head.header("Access-Control-Max-Age")).isEqualTo("7200");
            assertThat(head.header("Access-Control-Allow-Private-Network")).isEqualTo("true");
        }
    }

    @Test
    void takesTheCookieOfAVisitorOfAnAllowedPage() throws Exception {
        String cookie = "Cookie: session=" + SignedToken.of("a").publish("a").text();
        try (var connection = new RawHttp1(server.port())) {
            var allowed =
                    connection
                            .send(
                                    "POST /events/a HTTP/1.1",
                                    "Origin: " + PAGE,
                                    "Sec-Fetch-Site: cross-site",
                                    cookie,
                                    "Content-Length: 0")
                            .head();
            assertThat(allowed.code()).isEqualTo(200);
        }
        try (var connection = new RawHttp1(server.port())) {
            var other =
                    connection
                            .send(
                                    "POST /events/a HTTP/1.1",
                                    "Origin: https://evil.example",
                                    "Sec-Fetch-Site: cross-site",
                                    cookie,
                                    "Content-Length: 0")
                            .head();
            assertThat(other.code()).isEqualTo(403);
        }
    }

    @Test
    void letsAllPagesReadWithoutCookies() throws Exception {
        try (var open = TestServer.with("cors.origins=*");
                var connection = new RawHttp1(open.port())) {
            RawHttp1.Head head =
                    connection.send("GET /history/a HTTP/1.1", "Origin: " + PAGE).head();

            assertThat(head.header("Access-Control-Allow-Origin")).isEqualTo("*");
            assertThat(head.header("Access-Control-Allow-Credentials")).isEmpty();
        }
    }

    @Test
    void doesNotStartWithCookiesForAllPages() {
        assertThatThrownBy(() -> TestServer.with("cors.origins=*", "cors.credentials=true"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("cors.origins");
    }
}
