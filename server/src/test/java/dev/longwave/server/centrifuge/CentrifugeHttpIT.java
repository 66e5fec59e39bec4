package dev.longwave.server.centrifuge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.server.TestServer;
import dev.longwave.testing.SignedToken;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the HTTP transports answer to requests that are not what they should be. */
final class CentrifugeHttpIT {

    private static final String WRONG_TOKEN = "{\"id\":1,\"connect\":{\"token\":\"wrong\"}}";
    private static final String DISCONNECT =
            "{\"push\":{\"disconnect\":{\"code\":3500,\"reason\":\"invalid token\"}}}";

    private final TestServer server = TestServer.with("auth.jwt.secret=" + SignedToken.SECRET);

    @AfterEach
    void close() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"id\":1,\"subscribe\":{\"channel\":\"a\"}}", "nonsense"})
    void opensNoStreamWithoutAConnectCommand(String first) throws Exception {
        assertThat(server.post("/connection/http_stream", first).statusCode()).isEqualTo(400);
        assertThat(
                        server.get(
                                        "/connection/sse?cf_connect="
                                                + URLEncoder.encode(first, StandardCharsets.UTF_8))
                                .statusCode())
                .isEqualTo(400);
        assertThat(server.server().openStreams()).isZero();
    }

    @Test
    void tellsOnTheStreamWhyItEnds() throws Exception {
        HttpResponse<String> lines = server.post("/connection/http_stream", WRONG_TOKEN);
        HttpResponse<String> events =
                server.get(
                        "/connection/sse?cf_connect="
                                + URLEncoder.encode(WRONG_TOKEN, StandardCharsets.UTF_8));

        assertThat(lines.statusCode()).isEqualTo(200);
        assertThat(lines.body()).isEqualTo(DISCONNECT + "\n");
        assertThat(events.headers().firstValue("content-type")).hasValue("text/event-stream");
        assertThat(events.headers().firstValue("x-accel-buffering")).hasValue("no");
        assertThat(events.body()).isEqualTo("data: " + DISCONNECT + "\n\n");
    }

    @Test
    void answersHeadWithoutAStream() throws Exception {
        HttpRequest head =
                server.request("/connection/sse")
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build();

        HttpResponse<String> response = server.send(head);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).hasValue("text/event-stream");
        assertThat(server.server().openStreams()).isZero();
    }

    @Test
    void knowsOnlyTheSessionsThatThereAre() throws Exception {
        HttpResponse<String> unknown =
                server.post("/emulation", "{\"session\":\"x\",\"node\":\"y\",\"data\":\"{}\"}");

        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(TestServer.json(unknown).get("type").textValue())
                .isEqualTo("urn:longwave:problem:session-unknown");
        assertThat(server.post("/emulation", "{").statusCode()).isEqualTo(400);
        assertThat(server.post("/emulation", "{\"session\":7}").statusCode()).isEqualTo(400);
        assertThat(server.post("/emulation", "\"" + "x".repeat(1 << 20) + "\"").statusCode())
                .isEqualTo(413);
    }

    @Test
    void refusesACredentialThatIsNotAccepted() throws Exception {
        assertThat(
                        server.post(
                                        "/connection/http_stream",
                                        "{\"id\":1,\"connect\":{}}",
                                        "Authorization",
                                        "Bearer wrong")
                                .statusCode())
                .isEqualTo(401);
    }

    @Test
    void isAWebSocket() throws Exception {
        assertThat(server.get("/connection/websocket").statusCode()).isEqualTo(426);
    }
}
