package dev.longwave.server.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Position;
import dev.longwave.core.CloseReason;
import dev.longwave.core.Progress;
import dev.longwave.core.StreamReport;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which of a client's streams are kept for an explanation. */
final class RankingTest {

    private static final Position EVENT = new Position(1, 20);

    private final Ranking ranking =
            new Ranking(
                    new Judge(
                            new PublishedEvent(
                                    "a", EVENT, PublishedEvent.State.PUBLISHED, "", null),
                            Instant.ofEpochSecond(1000)));

    /** The n-th stream was opened in second n. */
    private void add(int number, long cursor, RecordedStream.@Nullable End end) {
        Instant opened = Instant.ofEpochSecond(number);
        var progress =
                new Progress(
                        "a",
                        opened,
                        new Position(1, 10),
                        false,
                        new Position(1, cursor),
                        new Position(1, 50),
                        0);
        var report = new StreamReport(List.of(progress), List.of(), null, false);
        ranking.add(new RecordedStream("n-" + number, "sse", null, opened, end, report));
    }

    private List<String> connections() {
        return ranking.best().stream().map(each -> each.stream().connection()).toList();
    }

    @Test
    void putsTheBestFirstAndThenTheLatest() {
        add(3, 10, null);
        add(1, 50, null);
        add(2, 50, null);
        add(4, 10, new RecordedStream.End(Instant.ofEpochSecond(9), CloseReason.EXPIRED));

        assertThat(connections()).containsExactly("n-2", "n-1", "n-3", "n-4");
        assertThat(ranking.best())
                .extracting(each -> each.verdict().outcome())
                .containsExactly(
                        Outcome.DELIVERED,
                        Outcome.DELIVERED,
                        Outcome.NOT_YET,
                        Outcome.CLOSED_BEFORE);
    }

    @Test
    void keepsNoMoreThanAreShown() {
        IntStream.range(0, Ranking.MAX_STREAMS).forEach(i -> add(i, 50, null));
        assertThat(ranking.more()).isFalse();

        IntStream.range(Ranking.MAX_STREAMS, 10_000).forEach(i -> add(i, 50, null));
        add(10_000, 10, null); // which is worse

        assertThat(connections())
                .hasSize(Ranking.MAX_STREAMS)
                .startsWith("n-9999")
                .endsWith("n-" + (10_000 - Ranking.MAX_STREAMS));
        assertThat(ranking.more()).isTrue();
    }

    @Test
    void showsAStreamThatEndedMeanwhileOnce() {
        IntStream.range(0, Ranking.MAX_STREAMS).forEach(i -> add(i, 10, null));

        add(7, 50, new RecordedStream.End(Instant.ofEpochSecond(900), CloseReason.CLIENT_LEFT));

        assertThat(connections())
                .hasSize(Ranking.MAX_STREAMS)
                .doesNotHaveDuplicates()
                .startsWith("n-7");
        assertThat(ranking.best().getFirst().stream().ended()).isNotNull();
        assertThat(ranking.more()).isFalse();
    }
}
