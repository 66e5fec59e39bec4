package dev.longwave.server.resume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.testing.Http2Connection;
import dev.longwave.testing.Http2Stream;
import dev.longwave.testing.PublishClient;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A reset that crosses the end of its stream harms nothing else on the connection. */
final class LateResetIT {

    @Test
    void leavesTheOtherStreamsOfTheConnectionAlone() throws Exception {
        try (var server = InProcessServer.with();
                var publisher = new PublishClient(server::port);
                var connection = Http2Connection.open(server.uri("/"));
                Http2Stream stream = connection.get(server.uri("/events/a"), Map.of());
                var lines =
                        new BufferedReader(
                                new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            assertThat(stream.head().status()).isEqualTo(200);

            for (int i = 0; i < 50; i++) {
                Http2Stream other = connection.get(server.uri("/history/a"), Map.of());
                assertThat(other.head().status()).isEqualTo(200);
                other.body().readAllBytes();
                other.resetLate();
                publisher.publish("a", "event " + i, null, null);

                String line = lines.readLine();
                while (line != null && !line.startsWith("data:")) {
                    line = lines.readLine();
                }
                assertThat(line).isEqualTo("data: event " + i);
            }

            assertThat(connection.isGone()).isFalse();
        }
    }
}
