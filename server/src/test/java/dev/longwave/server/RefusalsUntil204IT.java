package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.testing.SignedToken;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client that does not understand that it is refused is told to stop, in other words. */
final class RefusalsUntil204IT {

    private final TestServer server =
            TestServer.with(
                    "auth.jwt.secret=" + SignedToken.SECRET,
                    "auth.refusals-until-204=2",
                    "net.trusted-proxies=127.0.0.1");

    @AfterEach
    void close() {
        server.close();
    }

    private int status(String topic, String... headers) throws IOException {
        try (RawStream stream = RawStream.subscribe(server.port(), "/events/" + topic, headers)) {
            return Integer.parseInt(stream.head().getFirst().split(" ", 3)[1]);
        }
    }

    @Test
    void answersWith204AfterSomeRefusals() throws Exception {
        assertThat(status("a")).isEqualTo(401);
        assertThat(status("b")).isEqualTo(401);

        assertThat(status("a")).isEqualTo(204);
        assertThat(status("a", "X-Forwarded-For: 192.0.2.7")).isEqualTo(401); // another client
        assertThat(server.get("/history/a").statusCode()).isEqualTo(401); // no stream
    }

    @Test
    void tellsCredentialsApart() throws Exception {
        String alice = "Authorization: " + SignedToken.of("alice").subscribe("a").bearer();
        String wrong = "Authorization: Bearer nonsense";
        assertThat(status("b", alice)).isEqualTo(403);
        assertThat(status("b", alice)).isEqualTo(403);

        assertThat(status("b", alice)).isEqualTo(204);
        assertThat(status("a", alice)).isEqualTo(200); // which it may
        assertThat(status("b", wrong)).isEqualTo(401);
    }
}
