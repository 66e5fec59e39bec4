package dev.longwave.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An admin listener with a password. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AdminSignInIT {

    private static final String PASSWORD = "correct-horse:battery-staple";
    private static final String RIGHT = basic("admin:" + PASSWORD);

    @TempDir private static Path folder;
    private TestServer server;

    @BeforeAll
    void start() throws IOException {
        Path file = Files.writeString(folder.resolve("password"), PASSWORD + "\n");
        server = TestServer.with("admin.password-file=" + file);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/console/admin.js",
                "/metrics",
                "/figures?once",
                "/admin/streams",
                "/admin/explain?topic=a&id=x&subject=b"
            })
    void asksForThePassword(String path) throws Exception {
        HttpResponse<String> without = get(path);

        assertThat(without.statusCode()).isEqualTo(401);
        assertThat(without.headers().firstValue("WWW-Authenticate"))
                .hasValue("Basic realm=\"Longwave admin\"");
        assertThat(TestServer.json(without).get("type").textValue())
                .isEqualTo("urn:longwave:problem:admin-password");
        assertThat(get(path, "Authorization", RIGHT).statusCode()).isIn(200, 400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/health/live", "/health/ready"})
    void needsNoneForHealth(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin/drain", "/admin/rebalance?percent=10", "/admin/reload"})
    void givesNobodyElseCommands(String path) throws Exception {
        assertThat(post(path).statusCode()).isEqualTo(401);
        assertThat(post(path, "Authorization", basic("admin:wrong")).statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "admin:correct-horse:battery-stapl",
        "admin:correct-horse:battery-staple2",
        "Admin:correct-horse:battery-staple",
        "correct-horse:battery-staple",
        "''"
    })
    void refusesOtherCredentials(String credentials) throws Exception {
        assertThat(get("/metrics", "Authorization", basic(credentials)).statusCode())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic", "Basic ", "Basic ***", "Bearer " + PASSWORD, PASSWORD})
    void refusesWhatIsNotBasic(String authorization) throws Exception {
        assertThat(get("/metrics", "Authorization", authorization).statusCode()).isEqualTo(401);
    }

    @Test
    void takesTheSchemeInAnyCase() throws Exception {
        String lower = RIGHT.replace("Basic", "basic");

        assertThat(get("/metrics", "Authorization", lower).statusCode()).isEqualTo(200);
    }

    /**
     * Browsers send the password by themselves once it was entered: also for other sites' pages.
     */
    @ParameterizedTest
    @CsvSource({
        "https://admin.example, 202",
        "http://admin.example, 202",
        "https://elsewhere.example, 403",
        "https://admin.example.elsewhere.example, 403",
        "null, 403"
    })
    void takesCommandsFromItsOwnPageOnly(String origin, int status) throws Exception {
        URI admin = URI.create(server.server().adminUrl());
        try (var client = new RawHttp1(admin.getPort())) {
            client.send(
                    "POST /admin/rebalance?percent=1 HTTP/1.1",
                    "Host: admin.example",
                    "Origin: " + origin,
                    "Content-Length: 0",
                    "Authorization: " + RIGHT);

            assertThat(client.head().code()).isEqualTo(status);
        }
    }

    @Test
    void namesAFileThatCannotBeRead() {
        Path missing = folder.resolve("missing");

        assertThatThrownBy(() -> TestServer.with("admin.password-file=" + missing))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("admin.password-file")
                .hasMessageContaining("missing");
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        return send(request(path).GET(), headers);
    }

    private HttpResponse<String> post(String path, String... headers) throws Exception {
        return send(request(path).POST(HttpRequest.BodyPublishers.noBody()), headers);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server.server().adminUrl() + path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String... headers)
            throws Exception {
        return server.send((headers.length == 0 ? request : request.headers(headers)).build());
    }

    private static String basic(String credentials) {
        return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));
    }
}
