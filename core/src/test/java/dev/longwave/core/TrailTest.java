package dev.longwave.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Position;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What is kept of the marks of a stream. */
final class TrailTest {

    private final Trail trail = new Trail();

    private void leaveMarks(long count) {
        LongStream.rangeClosed(1, count)
                .forEach(i ->
                        trail.add(
                                new Mark.Lapped(
                                        Instant.ofEpochSecond(i), "a", new Position(1, i))));
    }

    @Test
    void keepsAllAsLongAsTheyAreFew() {
        leaveMarks(StreamReport.MAX_MARKS);

        StreamReport report = trail.report(List.of(), false);

        assertThat(report.marks()).hasSize(StreamReport.MAX_MARKS);
        assertThat(report.forgottenUntil()).isNull();
    }

    @Test
    void keepsTheLatestAndSaysUntilWhenOthersWere() {
        leaveMarks(1000);

        StreamReport report = trail.report(List.of(), true);

        assertThat(report.marks())
                .hasSize(StreamReport.MAX_MARKS)
                .extracting(mark -> mark.at().getEpochSecond())
                .startsWith(1001L - StreamReport.MAX_MARKS)
                .endsWith(1000L);
        assertThat(report.forgottenUntil())
                .isEqualTo(Instant.ofEpochSecond(1000 - StreamReport.MAX_MARKS));
        assertThat(report.writing()).isTrue();
    }
}
