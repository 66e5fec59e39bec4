package dev.longwave.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** {@link FrozenReader} and {@link Churn}. */
final class BadReadersTest {

    @Test
    void aFrozenReaderGetsTheHeaderAndLeavesTheRest() throws IOException {
        var written = new AtomicLong();
        int count = 1 << 20;
        try (var server =
                        new ScriptedServer(visit -> {
                            visit.send(ScriptedServer.STREAM);
                            for (int i = 0; i < count; i += 1024) {
                                visit.send(new byte[1024]);
                                written.addAndGet(1024);
                            }
                        });
                var reader = new FrozenReader(server.uri())) {
            assertThat(reader.head().mediaType()).isEqualTo("text/event-stream");

            assertThat(reader.drain(Duration.ofMinutes(5))).isEqualTo(count);
            assertThat(written.get()).isEqualTo(count);
        }
    }

    @Test
    void churnAnswersForEveryConnection() throws Exception {
        try (var server =
                new ScriptedServer(visit -> {
                    visit.send(ScriptedServer.STREAM + ": hi\n");
                    visit.hold();
                })) {
            Churn.Result result =
                    new Churn(server.uri(), 400, 50, Seed.fresh()).run(Duration.ofMinutes(5));

            assertThat(result.refused()).isZero();
            assertThat(result.broken()).isZero();
            assertThat(result.answered() + result.dropped()).isEqualTo(400);
            assertThat(result.answered()).isPositive();
            assertThat(result.dropped()).isPositive();
        }
    }

    @Test
    void churnTellsOfRefusals() throws Exception {
        try (var server = new ScriptedServer(visit -> visit.send("HTTP/1.1 503 No\r\n\r\n"))) {
            Churn.Result result = new Churn(server.uri(), 40, 10, 1).run(Duration.ofMinutes(5));

            assertThat(result.refused()).isPositive();
            assertThat(result.answered()).isZero();
        }
    }
}
