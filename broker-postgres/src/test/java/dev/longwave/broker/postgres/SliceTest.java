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
    private static final Slice.Place NEVER = new Slice.Place(0, 0);

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
    void hasLostTheEventOfACursorBeyondTheTail() {
        assertThat(slice(5).hasLost(at(6), null)).isTrue();
        assertEmptyPage(slice(5).pageAfterLoss(null), Coverage.AHEAD_OF_LOG, at(5));
    }

    @Test
    void hasTheEventOfACursorWithItsTime() {
        assertThat(slice(9, 7, 9).hasLost(stamped(6), null)).isFalse();
        assertThat(slice(6).hasLost(stamped(6), null)).as("at the tail").isFalse();
        assertThat(slice(9, 1, 9).hasLost(at(0), null)).as("before all").isFalse();
        assertThat(slice(9, 7, 9).hasLost(at(6), null)).as("without a stamp").isFalse();
    }

    @Test
    void hasLostTheEventOfACursorWhereAnotherOneStands() {
        Position cursor = at(6).stamped(time(6) + 1);

        assertThat(slice(9, 7, 9).hasLost(cursor, null)).isTrue();
        assertThat(slice(6).hasLost(cursor, null)).as("at the tail").isTrue();
        assertThat(slice(9, 3, 0, time(2) + 1, NEVER).hasLost(stamped(2), at(2)))
                .as("at the bound")
                .isTrue();
    }

    @Test
    void hasNotLostWhatWasDroppedOrDeleted() {
        assertThat(slice(9, 5, 9).hasLost(stamped(2), null)).as("dropped").isFalse();
        assertThat(slice(9, 8, 9).hasLost(stamped(6), null)).as("not old enough").isTrue();
        var deleted = new Slice.Place(7, time(8));
        assertThat(slice(9, 8, 9, 0, deleted).hasLost(stamped(6), null)).as("deleted").isFalse();
        assertThat(slice(9, 8, 9, 0, deleted).hasLost(at(6).stamped(time(9)), null))
                .as("written after the deletion")
                .isTrue();
    }

    @Test
    void tellsOfADeletionThatTheReaderHasNotPassed() {
        var deleted = new Slice.Place(5, time(6));
        Slice slice = slice(9, 6, 9, 0, deleted);

        assertThat(slice.page(Start.after(stamped(3)), null).coverage())
                .isEqualTo(Coverage.DELETED);
        assertThat(slice.page(Start.after(stamped(5)), null).coverage())
                .isEqualTo(Coverage.COMPLETE);
        assertThat(slice.page(Start.earliest(), null).coverage()).isEqualTo(Coverage.COMPLETE);
    }

    @Test
    void saysWhenTheEventBeforeThePageWasPublished() {
        assertThat(slice(9, 7, 9).page(Start.last(3), null).from().stamp()).isEqualTo(time(6));
        assertThat(slice(9, 7, 9).pageAfterLoss(null).from().stamp()).isEqualTo(time(6));
        assertThat(slice(9).page(Start.last(3), null).from().stamp()).isEqualTo(time(9));
        assertThat(slice(9, 1, 9).page(Start.earliest(), null).from().stamp()).isZero();
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

    /** A log without events, whose newest one was {@code tail}. */
    private static Slice slice(long tail) {
        return slice(tail, 1, 0);
    }

    private static Slice slice(long tail, long first, long last) {
        return slice(tail, first, last, 0, NEVER);
    }

    private static Slice slice(
            long tail, long first, long last, long timeAtLow, Slice.Place deleted) {
        List<Entry> entries =
                LongStream.rangeClosed(first, last)
                        .mapToObj(it -> Entry.of(at(it), HORIZON, Message.of(new byte[0])))
                        .toList();
        long previousTime = entries.isEmpty() || first == 1 ? 0 : time(first - 1);
        return new Slice(
                EPOCH,
                new Slice.Place(tail, time(tail)),
                new Slice.Place(2, timeAtLow),
                HORIZON.toEpochMilli(),
                deleted,
                previousTime,
                entries);
    }

    /** {@return the time of an event; those from 4 on are not older than the horizon} */
    private static long time(long sequence) {
        return HORIZON.toEpochMilli() + sequence - 4;
    }

    private static Start after(long sequence) {
        return Start.after(at(sequence));
    }

    private static Position at(long sequence) {
        return new Position(EPOCH, sequence);
    }

    private static Position stamped(long sequence) {
        return at(sequence).stamped(time(sequence));
    }
}
