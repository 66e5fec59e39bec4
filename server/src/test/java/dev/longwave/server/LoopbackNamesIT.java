package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that pages of other sites cause reach nothing in development mode. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LoopbackNamesIT {

    private final TestServer server =
            TestServer.with("server.loopback-names-only=true", "admin.public-figures=true");

    @AfterAll
    void close() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "a.localhost"})
    void answersToLoopbackNames(String host) throws Exception {
        assertThat(get(server.port(), "/health/live", "Host: " + host).code()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/events/a", "/history/a", "/figures", "/health/live", "/nope"})
    void answersToNoOtherName(String path) throws Exception {
        RawHttp1.Head head = get(server.port(), path, "Host: evil.example");

        assertThat(head.code()).isEqualTo(421);
        assertThat(head.header("Content-Type")).isEqualTo("application/problem+json");
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:3000, 200",
        "https://127.0.0.1, 200",
        "http://[::1]:8080, 200",
        "http://evil.example, 403",
        "null, 403",
        "'', 403",
        "file://, 403",
        "http://localhost.evil.example, 403",
        "'http://localhost, http://evil.example', 403"
    })
    void answersToPagesOfLoopbackOriginsOnly(String origin, int status) throws Exception {
        RawHttp1.Head head =
                get(server.port(), "/health/live", "Host: localhost", "Origin: " + origin);

        assertThat(head.code()).isEqualTo(status);
    }

    @Test
    void publishesNothingForAnotherSite() throws Exception {
        try (var connection = new RawHttp1(server.port())) {
            connection.send(
                    "POST /events/rebound HTTP/1.1",
                    "Host: evil.example",
                    "Origin: http://evil.example",
                    "Content-Length: 1");
            RawHttp1.Head head = connection.send(new byte[] {'x'}).head();

            assertThat(head.code()).isEqualTo(421);
            assertThat(connection.body(head)).contains("foreign-host");
        }
        assertThat(server.get("/history/rebound").body()).contains("\"events\":[]");
    }

    @Test
    void takesTheAuthorityOfHttp2ForTheHost() throws Exception {
        try (var connection = new RawHttp2(server.port(), 1 << 16, RawHttp2.LARGEST_WINDOW)) {
            int own = connection.request("GET", "/health/live", "localhost:1");
            assertThat(text(connection.body(own))).contains("ready");

            int foreign = connection.request("GET", "/health/live", "evil.example");
            assertThat(text(connection.body(foreign))).contains("foreign-host");
        }
    }

    @Test
    void guardsTheAdminListenerToo() throws Exception {
        int port = URI.create(server.server().adminUrl()).getPort();

        assertThat(get(port, "/figures?once", "Host: evil.example").code()).isEqualTo(421);
        assertThat(get(port, "/figures?once", "Host: localhost").code()).isEqualTo(200);
    }

    @Test
    void answersToAnyNameUnlessItIsSet() throws Exception {
        try (TestServer open = TestServer.with()) {
            assertThat(get(open.port(), "/health/live", "Host: example.com").code()).isEqualTo(200);
        }
    }

    private static RawHttp1.Head get(int port, String path, String... headers) throws Exception {
        try (var connection = new RawHttp1(port)) {
            return connection.send("GET " + path + " HTTP/1.1", headers).head();
        }
    }

    private static String text(byte[] body) {
        return new String(body, StandardCharsets.UTF_8);
    }
}
