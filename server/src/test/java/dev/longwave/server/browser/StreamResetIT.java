package dev.longwave.server.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.server.TestServer;
import dev.longwave.testing.Http2Connection;
import dev.longwave.testing.Http2Stream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a browser's {@code close()} becomes over HTTP/2: a reset of one stream of several. */
final class StreamResetIT {

    @Test
    void releasesTheStreamThatIsResetAndNoOther() throws Exception {
        // Without heartbeats: nothing but the reset can tell the server.
        try (TestServer server = TestServer.with("sse.heartbeat-interval=PT10M");
                var connection = Http2Connection.open(URI.create(server.url("/")));
                Http2Stream staying = connection.get(events(server), Map.of());
                var lines =
                        new BufferedReader(
                                new InputStreamReader(staying.body(), StandardCharsets.UTF_8))) {
            Http2Stream leaving = connection.get(events(server), Map.of());
            await().until(() -> server.server().openStreams() == 2);

            leaving.close();

            await().until(() -> server.server().openStreams() == 1);
            server.publish("a", "still there");
            assertThat(data(lines)).isEqualTo("data: still there");
            assertThat(connection.isGone()).isFalse();
        }
    }

    private static URI events(TestServer server) {
        return URI.create(server.url("/events/a"));
    }

    private static String data(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        while (line != null && !line.startsWith("data:")) {
            line = lines.readLine();
        }
        return String.valueOf(line);
    }
}
