package dev.longwave.server.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.core.CloseReason;
import dev.longwave.core.StreamReport;
import dev.longwave.server.auth.RefusedRead;
import dev.longwave.server.session.EndedStream;
import dev.longwave.server.session.Sink;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is kept of streams that have ended, and for how long. */
final class FlightRecorderTest {

    private static final int BYTES = 8 << 10;
    private static final int MANY = 1000; // far more than there is room for

    private Instant now = Instant.EPOCH;
    private final FlightRecorder recorder = new FlightRecorder(BYTES, () -> now);

    private void end(String transport, String subject) {
        now = now.plusSeconds(1);
        recorder.accept(
                new EndedStream(
                        "n-" + now.getEpochSecond(),
                        transport,
                        null,
                        subject,
                        Duration.ofSeconds(1),
                        0,
                        0,
                        0,
                        0,
                        CloseReason.ENDED,
                        new StreamReport(List.of(), List.of(), null, false)));
    }

    private List<RecordedStream> ended(String subject) {
        return recorder.ended(new Client(null, subject));
    }

    @Test
    void keepsStreamsAndPollsOfAClient() {
        end("sse", "alice");
        end(Sink.POLL, "alice");
        end("sse", "bob");

        assertThat(ended("alice"))
                .extracting(RecordedStream::transport)
                .containsExactlyInAnyOrder("sse", Sink.POLL);
        assertThat(recorder.since()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void pollsDisplaceOnlyPolls() {
        end("sse", "alice");

        for (int i = 0; i < MANY; i++) {
            end(Sink.POLL, "bob");
        }

        assertThat(ended("alice")).hasSize(1);
        assertThat(ended("bob")).isNotEmpty();
        assertThat(ended("bob").stream().mapToLong(RecordedStream::bytes).sum())
                .isLessThanOrEqualTo(BYTES / 8);
        Instant oldest =
                ended("bob").stream()
                        .map(stream -> Objects.requireNonNull(stream.ended()).at())
                        .min(Instant::compareTo)
                        .orElseThrow();
        assertThat(recorder.since()).isEqualTo(oldest.minusSeconds(1));
    }

    @Test
    void refusalsDisplaceOnlyRefusals() {
        end("sse", "alice");
        end(Sink.POLL, "alice");

        for (int i = 0; i < MANY; i++) {
            recorder.refused(new RefusedRead(now, "bob", List.of("a"), "topic-forbidden"));
        }

        assertThat(ended("alice")).hasSize(2);
        assertThat(recorder.refusals(_ -> true)).isNotEmpty().hasSizeLessThan(MANY);
    }
}
