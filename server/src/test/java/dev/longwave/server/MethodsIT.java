package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each path allows, and what is said of the methods that it does not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MethodsIT {

    private final TestServer server = TestServer.with("admin.public-figures=true");

    @AfterAll
    void close() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/console/console.js",
                "/console/nothing.js",
                "/health/live",
                "/health/ready",
                "/history/head",
                "/history/a//b",
                "/events/a?lastEventId=nonsense",
                "/events",
                "/probe?events=1000",
                "/figures",
                "/nope"
            })
    void answersHeadAsGetButWithoutABody(String path) throws Exception {
        try (var connection = new RawHttp1(server.port())) {
            RawHttp1.Head head = connection.send("HEAD " + path + " HTTP/1.1").head();
            RawHttp1.Head get = connection.send("GET " + path + " HTTP/1.1").head();

            assertThat(head.status()).isEqualTo(get.status());
            assertThat(head.headers())
                    .filteredOn(header -> !header.startsWith("Date:"))
                    .containsExactlyInAnyOrderElementsOf(
                            get.headers().stream()
                                    .filter(header -> !header.startsWith("Date:"))
                                    .toList());
            assertThat(connection.body(get)).isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/health/live", "/history/head", "/events/head", "/nope"})
    void sendsNoBodyForHeadOverHttp2(String path) throws Exception {
        try (var connection = new RawHttp2(server.port(), 1 << 16, RawHttp2.LARGEST_WINDOW)) {
            int stream = connection.request("HEAD", path, "localhost");

            assertThat(connection.body(stream)).isEmpty();
        }
    }

    @Test
    void answersHeadOfAStreamWithoutOpeningOne() throws Exception {
        int topics = server.server().topics();
        try (var connection = new RawHttp1(server.port())) {
            RawHttp1.Head head = connection.send("HEAD /events/quiet HTTP/1.1").head();

            assertThat(head.code()).isEqualTo(200);
            assertThat(head.header("Content-Type")).isEqualTo("text/event-stream");
            assertThat(head.header("X-Accel-Buffering")).isEqualTo("no");
            assertThat(head.header("Content-Length")).isEmpty();
            assertThat(connection.rest()).isEmpty();
        }
        assertThat(server.server().openStreams()).isZero();
        assertThat(server.server().topics()).isEqualTo(topics);
    }

    @ParameterizedTest
    @CsvSource({
        "/, 'GET, HEAD, OPTIONS'",
        "/console/console.css, 'GET, HEAD, OPTIONS'",
        "/events, 'GET, HEAD, OPTIONS'",
        "/events/a, 'GET, HEAD, POST, DELETE, OPTIONS'",
        "/publish, 'POST, OPTIONS'",
        "/history/a, 'GET, HEAD, OPTIONS'",
        "/health/live, 'GET, HEAD, OPTIONS'",
        "/health/ready, 'GET, HEAD, OPTIONS'",
        "/figures, 'GET, HEAD, OPTIONS'",
        "/probe, 'GET, HEAD, OPTIONS'"
    })
    void namesTheMethodsThatAPathAllows(String path, String allowed) throws Exception {
        try (var connection = new RawHttp1(server.port())) {
            for (String method : new String[] {"PUT", "PATCH", "TRACE", "BREW"}) {
                RawHttp1.Head head = connection.send(method + ' ' + path + " HTTP/1.1").head();

                assertThat(head.code()).isEqualTo(405);
                assertThat(head.header("Allow")).isEqualTo(allowed);
                assertThat(connection.body(head)).contains("method-not-allowed");
            }
            RawHttp1.Head options = connection.send("OPTIONS " + path + " HTTP/1.1").head();

            assertThat(options.code()).isEqualTo(204);
            assertThat(options.header("Allow")).isEqualTo(allowed);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/console", "/history", "/health/", "//", "/;x", "/events;a/b"})
    void findsNothingAtOtherPathsWhateverTheMethod(String path) throws Exception {
        try (Warnings warnings = Warnings.recorded();
                var connection = new RawHttp1(server.port())) {
            for (String method : new String[] {"GET", "POST", "OPTIONS", "BREW"}) {
                RawHttp1.Head head =
                        connection
                                .send(method + ' ' + path + " HTTP/1.1", "Content-Length: 0")
                                .head();

                assertThat(head.code()).isEqualTo(404);
                assertThat(connection.body(head)).contains("not-found");
            }
            assertThat(warnings.records()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/console/", "/console/a/b/c.js", "/console/.hidden"})
    void findsNoOtherFiles(String path) throws Exception {
        try (var connection = new RawHttp1(server.port())) {
            assertThat(connection.send("GET " + path + " HTTP/1.1").head().code()).isEqualTo(404);
        }
    }

    @Test
    void holdsForTheAdminListener() throws Exception {
        int port = URI.create(server.server().adminUrl()).getPort();
        try (var connection = new RawHttp1(port)) {
            RawHttp1.Head head = connection.send("HEAD /health/live HTTP/1.1").head();
            assertThat(head.code()).isEqualTo(200);
            assertThat(connection.send("HEAD /figures HTTP/1.1").head().code()).isEqualTo(200);
            RawHttp1.Head refused = connection.send("DELETE /figures HTTP/1.1").head();
            assertThat(refused.code()).isEqualTo(405);
            assertThat(refused.header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
            assertThat(connection.body(refused)).contains("method-not-allowed");
            RawHttp1.Head options = connection.send("OPTIONS /health/live HTTP/1.1").head();
            assertThat(options.code()).isEqualTo(204);
            RawHttp1.Head unknown = connection.send("GET /none HTTP/1.1", "Accept: garbage").head();
            assertThat(unknown.code()).isEqualTo(404);
        }
    }
}
