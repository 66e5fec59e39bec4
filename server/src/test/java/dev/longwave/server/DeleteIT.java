package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.testing.SignedToken;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** {@code DELETE /events/{topic}} over HTTP. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DeleteIT {

    private final TestServer server = TestServer.with();

    @AfterAll
    void close() {
        server.close();
    }

    @Test
    void erasesATopicAndNoOther() throws Exception {
        server.publish("a/1", "one");
        server.publish("a/2", "other");

        HttpResponse<String> response = delete(server, "/events/a/1");

        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(response.body()).isEmpty();
        assertThat(server.get("/history/a/1").body()).doesNotContain("one");
        assertThat(server.get("/history/a/*").body()).doesNotContain("one").contains("other");
    }

    @Test
    void leavesNothingToWhoComesBackAndSaysSo() throws Exception {
        try (RawStream live = RawStream.subscribe(server.port(), "/events/b")) {
            live.lineWith("id:");
            String first = server.publish("b", "one");
            server.publish("b", "secret");
            assertThat(live.lineWith("data: secret")).isNotNull();

            delete(server, "/events/b");

            server.publish("b", "three");
            assertThat(live.lineWith("data:")).isEqualTo("data: three");
            try (RawStream away =
                    RawStream.subscribe(server.port(), "/events/b", "Last-Event-ID: " + first)) {
                assertThat(away.lineWith("event:")).isEqualTo("event: gap");
                assertThat(away.lineWith("data:")).contains("\"reason\":\"deleted\"");
                assertThat(away.lineWith("data:")).isEqualTo("data: three");
            }
        }
    }

    @Test
    void tellsNoGapToWhoHadEverything() throws Exception {
        server.publish("c", "one");
        String last = server.publish("c", "two");
        try (RawStream live = RawStream.subscribe(server.port(), "/events/c")) {
            live.lineWith("id:");

            delete(server, "/events/c");

            server.publish("c", "three");
            try (RawStream away =
                    RawStream.subscribe(server.port(), "/events/c", "Last-Event-ID: " + last)) {
                assertThat(away.lineWith("data:")).isEqualTo("data: three");
            }
        }
    }

    @Test
    void takesNoPattern() throws Exception {
        HttpResponse<String> response = delete(server, "/events/a/*");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("topic-pattern");
    }

    @Test
    void isForServersWithAKeyThatMayPublish() throws Exception {
        Path keys = KeysFile.create("orders/**");
        String user = SignedToken.of("alice").publish("orders/**").bearer();
        try (var keyed =
                TestServer.with(
                        "auth.keys-file=" + keys, "auth.jwt.secret=" + SignedToken.SECRET)) {
            assertThat(delete(keyed, "/events/orders/1").statusCode()).isEqualTo(401);
            assertThat(delete(keyed, "/events/orders/1", "Authorization", user).statusCode())
                    .isEqualTo(403);
            assertThat(
                            delete(keyed, "/events/orders/1", "Authorization", KeysFile.BEARER)
                                    .statusCode())
                    .isEqualTo(204);
            assertThat(delete(keyed, "/events/x", "Authorization", KeysFile.BEARER).statusCode())
                    .isEqualTo(403);
        } finally {
            Files.delete(keys);
        }
    }

    private static HttpResponse<String> delete(TestServer at, String path, String... headers)
            throws Exception {
        HttpRequest.Builder request = at.request(path).DELETE();
        return at.send((headers.length == 0 ? request : request.headers(headers)).build());
    }
}
