package dev.longwave.server.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.core.CloseReason;
import dev.longwave.core.Gap;
import dev.longwave.core.Mark;
import dev.longwave.core.Progress;
import dev.longwave.core.StreamReport;
import dev.longwave.server.session.Sink;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a stream's cursor and marks say of an event: the event with number n is published in second
 * n.
 */
final class JudgeTest {

    private static final Instant NOW = at(1000);

    private static Instant at(long second) {
        return Instant.ofEpochSecond(second);
    }

    private static Position position(long number) {
        return new Position(1, number);
    }

    private static PublishedEvent event(Position position) {
        Entry entry = Entry.of(position, at(position.major()), Message.of(new byte[0]));
        return new PublishedEvent("a", position, PublishedEvent.State.PUBLISHED, "", entry);
    }

    private static Verdict judge(long number, RecordedStream stream) {
        return judge(position(number), stream);
    }

    private static Verdict judge(Position position, RecordedStream stream) {
        return new Judge(event(position), NOW).of(stream);
    }

    /** A stream that began in second 10, after event 10, and stands at event 50. */
    private static RecordedStream stream(Mark... marks) {
        return stream(null, position(10), position(50), null, List.of(marks));
    }

    private static RecordedStream stream(
            RecordedStream.@Nullable End end,
            @Nullable Position from,
            @Nullable Position cursor,
            @Nullable Instant forgotten,
            List<Mark> marks) {
        var progress = new Progress("a", at(10), from, false, cursor, position(60), 10);
        return new RecordedStream(
                "n-1",
                "sse",
                "alice",
                at(10),
                end,
                new StreamReport(List.of(progress), marks, forgotten, false));
    }

    private static RecordedStream ended(String transport, CloseReason reason) {
        return new RecordedStream(
                "n-1",
                transport,
                "alice",
                at(10),
                new RecordedStream.End(at(70), reason),
                stream().report());
    }

    private static Mark gap(long second, Position after, Position before, GapReason reason) {
        return new Mark.Missed(at(second), "a", new Gap(after, before, reason));
    }

    @ParameterizedTest
    @CsvSource({
        "10, BEFORE_START",
        "11, DELIVERED",
        "50, DELIVERED",
        "51, NOT_YET",
        "60, NOT_YET",
        "61, NOT_YET"
    })
    void comparesWithTheCursor(long number, Outcome outcome) {
        assertThat(judge(number, stream()).outcome()).isEqualTo(outcome);
    }

    @Test
    void knowsWhetherTheNodeHasTheEvent() {
        assertThat(judge(60, stream()).detail()).contains("10 events wait");
        assertThat(judge(61, stream()).detail()).contains("has not received");
    }

    @ParameterizedTest
    @CsvSource({"20, DELIVERED", "21, GAP", "30, GAP", "31, DELIVERED"})
    void findsTheGap(long number, Outcome outcome) {
        RecordedStream stream = stream(gap(40, position(20), position(30), GapReason.EXPIRED));

        Verdict verdict = judge(number, stream);

        assertThat(verdict.outcome()).isEqualTo(outcome);
        Instant to = number == 20 || outcome == Outcome.GAP ? at(40) : NOW;
        Instant from = number > 20 ? at(40) : at(20);
        assertThat(verdict.between()).isEqualTo(new Verdict.Span(from, to));
    }

    @ParameterizedTest
    @CsvSource({"20, DELIVERED", "21, GAP", "29, GAP", "30, DELIVERED"})
    void knowsThatTheNewestIsNotSkipped(long number, Outcome outcome) {
        RecordedStream stream = stream(gap(40, position(20), position(30), GapReason.SKIPPED));

        assertThat(judge(number, stream).outcome()).isEqualTo(outcome);
    }

    @Test
    void knowsGapsBetweenEpochs() {
        var before = new Position(2, 5);
        RecordedStream stream =
                stream(
                        null,
                        position(10),
                        new Position(2, 9),
                        null,
                        List.of(gap(40, position(20), before, GapReason.EPOCH_CHANGED)));

        assertThat(judge(position(21), stream).outcome()).isEqualTo(Outcome.GAP);
        assertThat(judge(before, stream).outcome()).isEqualTo(Outcome.GAP);
        assertThat(judge(new Position(2, 6), stream).outcome()).isEqualTo(Outcome.DELIVERED);
        assertThat(judge(new Position(2, 10), stream).outcome()).isEqualTo(Outcome.NOT_YET);
        assertThat(judge(new Position(3, 1), stream).outcome()).isEqualTo(Outcome.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource({"30, UNKNOWN", "31, DELIVERED"})
    void claimsNothingOfWhatWasForgotten(long number, Outcome outcome) {
        RecordedStream stream =
                stream(
                        null,
                        position(10),
                        position(50),
                        at(30),
                        List.of(gap(40, position(20), position(25), GapReason.EXPIRED)));

        assertThat(judge(number, stream).outcome()).isEqualTo(outcome);
        assertThat(judge(21, stream).outcome()).isEqualTo(Outcome.GAP); // which is known
    }

    @ParameterizedTest
    @CsvSource({"15, true", "16, false", "20, false", "21, true", "30, true", "31, false"})
    void knowsWhatWasReplayed(long number, boolean replayed) {
        RecordedStream stream =
                stream(
                        new Mark.CaughtUp(at(11), "a", position(15)),
                        new Mark.Lapped(at(40), "a", position(20)),
                        new Mark.CaughtUp(at(41), "a", position(30)));

        Verdict verdict = judge(number, stream);

        assertThat(verdict.outcome()).isEqualTo(Outcome.DELIVERED);
        assertThat(verdict.replayed()).isEqualTo(replayed);
    }

    @Test
    void knowsThatAStreamEnded() {
        var end = new RecordedStream.End(at(70), CloseReason.TOO_SLOW);
        RecordedStream stream = stream(end, position(10), position(50), null, List.of());

        Verdict late = judge(51, stream);

        assertThat(late.outcome()).isEqualTo(Outcome.CLOSED_BEFORE);
        assertThat(late.detail()).contains("1970-01-01T00:01:10Z").contains("too-slow");
        assertThat(judge(50, stream).between()).isEqualTo(new Verdict.Span(at(50), at(70)));
    }

    @ParameterizedTest
    @EnumSource(CloseReason.class)
    void claimsToHaveWrittenTheLastEventsOnlyIfTheStreamCameToItsEnd(CloseReason reason) {
        assertThat(judge(50, ended("sse", reason)).detail())
                .contains(reason == CloseReason.ENDED ? "was written" : "may not have arrived");
    }

    @ParameterizedTest
    @EnumSource(CloseReason.class)
    void doesNotClaimThatTheResponseToAPollWasWritten(CloseReason reason) {
        assertThat(judge(50, ended(Sink.POLL, reason)).detail())
                .contains("may not have been written");
    }

    @Test
    void doesNotClaimThatTheResponseToAnOpenPollWasWritten() {
        var poll = new RecordedStream("n-1", Sink.POLL, "alice", at(10), null, stream().report());

        assertThat(judge(50, stream()).detail()).contains("was written");
        assertThat(judge(50, poll).detail()).contains("is being written");
    }

    @ParameterizedTest
    @CsvSource({
        "49,, BEFORE_START",
        "50,, NOT_YET",
        "51,, NOT_YET",
        "49, 50, BEFORE_START",
        "50, 50, DELIVERED",
        "51, 50, NOT_YET",
        "49, 55, BEFORE_START",
        "50, 55, DELIVERED",
        "51, 55, DELIVERED"
    })
    void beginsWithTheEventThatEndedTheTopic(long number, @Nullable Long cursor, Outcome outcome) {
        @Nullable Position taken = cursor == null ? null : position(cursor);
        var progress = new Progress("a", at(55), position(50), true, taken, position(55), 1);
        var report = new StreamReport(List.of(progress), List.of(), null, false);
        var stream = new RecordedStream("n-1", "sse", "alice", at(55), null, report);

        assertThat(judge(number, stream).outcome()).isEqualTo(outcome);
    }

    @Test
    void tellsTheTimesInATopicApart() {
        var first = new Progress("a", at(10), position(10), false, position(20), position(20), 0);
        RecordedStream stream =
                stream(
                        null,
                        position(30),
                        position(50),
                        null,
                        List.of(
                                gap(15, position(11), position(12), GapReason.EXPIRED),
                                new Mark.Left(at(20), first)));

        assertThat(judge(12, stream).outcome()).isEqualTo(Outcome.GAP);
        assertThat(judge(20, stream).outcome()).isEqualTo(Outcome.DELIVERED);
        assertThat(judge(21, stream).outcome()).isEqualTo(Outcome.LEFT_BEFORE);
        assertThat(judge(31, stream).outcome()).isEqualTo(Outcome.DELIVERED);
    }

    @Test
    void doesNotMixUpTopics() {
        var other = new PublishedEvent("b", position(20), PublishedEvent.State.UNCHECKED, "", null);

        assertThat(new Judge(other, NOW).of(stream()).outcome()).isEqualTo(Outcome.NOT_SUBSCRIBED);
    }

    @Test
    void takesAClockThatIsAheadForWhatItIs() {
        var fast =
                new PublishedEvent(
                        "a",
                        position(20),
                        PublishedEvent.State.PUBLISHED,
                        "",
                        Entry.of(position(20), at(2000), Message.of(new byte[0])));

        assertThat(new Judge(fast, NOW).of(stream()).between())
                .isEqualTo(new Verdict.Span(NOW, NOW));
    }
}
