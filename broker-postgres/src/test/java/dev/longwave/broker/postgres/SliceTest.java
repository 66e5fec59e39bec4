package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class SliceTest {

    private static final long EPOCH = 7;
    private static final Instant HORIZON = Instant.ofEpochSecond(1000);

    @Test
    void isCompleteWhereTheFirstEventFollowsTheCursor() {
        Page page = slice(5, 3, 5).page(after(2), null);

        assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(page.from()).isEqualTo(at(2));
        assertThat(page.end()).isEqualTo(at(5));
        assertThat(page.more()).isFalse();
    }

    @Test
    void isCompleteAndEmptyAtTheTail() {
        Page page = slice(5).page(after(5), null);

        assertEmptyPage(page, Coverage.COMPLETE, at(5));
    }

    @Test
    void saysThatThereIsMore() {
        assertThat(slice(5, 3, 4).page(after(2), null).more()).isTrue();
        assertThat(slice(5, 3, 4).page(after(2), at(4)).more()).isFalse();
    }

    @Test
    void isTrimmedWhereEventsAreMissingAfterTheCursor() {
        Page page = slice(9, 4, 9).page(after(2), null);

        assertThat(page.coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(page.from()).isEqualTo(at(3));
    }

    @Test
    void isTrimmedUpToTheTailWhereNothingIsLeft() {
        Page page = slice(9).page(after(2), null);

        assertEmptyPage(page, Coverage.TRIMMED, at(9));
    }

    @Test
    void isTrimmedUpToTheBoundAtMost() {
        Page page = slice(9).page(after(2), at(6));

        assertEmptyPage(page, Coverage.TRIMMED, at(6));
    }

    @Test
    void isCompleteWhereTheBoundIsNotBeyondTheCursor() {
        Page page = slice(9).page(after(6), at(4));

        assertEmptyPage(page, Coverage.COMPLETE, at(6));
    }

    @Test
    void tellsACursorBeyondTheTail() {
        Page page = slice(5).page(after(6), null);

        assertEmptyPage(page, Coverage.AHEAD_OF_LOG, at(5));
    }

    @Test
    void tellsACursorOfAnotherEpoch() {
        Page page = slice(5, 1, 5).page(Start.after(new Position(8, 3)), null);

        assertThat(page.coverage()).isEqualTo(Coverage.OTHER_EPOCH);
        assertThat(page.from()).isEqualTo(at(0));
        assertThat(page.entries()).hasSize(5);
    }

    @Test
    void isTrimmedSinceATimeBeforeTheHorizon() {
        var before = Start.since(HORIZON.minusMillis(1));

        assertThat(slice(9, 4, 9).page(before, null).coverage()).isEqualTo(Coverage.TRIMMED);
        assertThat(slice(9, 1, 9).page(before, null).coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(slice(9, 4, 9).page(Start.since(HORIZON), null).coverage())
                .isEqualTo(Coverage.COMPLETE);
    }

    @Test
    void takesWhatThereIsForTheEarliestAndTheLast() {
        for (Start start : List.of(Start.earliest(), Start.last(3))) {
            Page page = slice(9, 7, 9).page(start, null);

            assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
            assertThat(page.from()).isEqualTo(at(6));
        }
    }

    @Test
    void isEmptyForATopicThatNobodyUsed() {
        Page page = slice(0).page(Start.earliest(), null);

        assertEmptyPage(page, Coverage.COMPLETE, at(0));
    }

    private static void assertEmptyPage(Page page, Coverage coverage, Position from) {
        assertThat(page.entries()).isEmpty();
        assertThat(page.coverage()).isEqualTo(coverage);
        assertThat(page.from()).isEqualTo(from);
        assertThat(page.more()).isFalse();
    }

    private static EventLog.Slice slice(long tail) {
        return new EventLog.Slice(EPOCH, tail, HORIZON, List.of());
    }

    private static EventLog.Slice slice(long tail, long first, long last) {
        List<Entry> entries =
                LongStream.rangeClosed(first, last)
                        .mapToObj(it -> Entry.of(at(it), HORIZON, Message.of(new byte[0])))
                        .toList();
        return new EventLog.Slice(EPOCH, tail, HORIZON, entries);
    }

    private static Start after(long sequence) {
        return Start.after(at(sequence));
    }

    private static Position at(long sequence) {
        return new Position(EPOCH, sequence);
    }
}
