package dev.longwave.server.explain;

import dev.longwave.broker.GapReason;
import dev.longwave.broker.Position;
import dev.longwave.broker.TopicPattern;
import dev.longwave.core.CloseReason;
import dev.longwave.core.Gap;
import dev.longwave.core.Mark;
import dev.longwave.core.Progress;
import dev.longwave.server.explain.Verdict.Span;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says what became of one event on the streams of a node. */
final class Judge {
    /*
     * A stream takes the events of a topic in order, and each of them. So where it began, where it stands, and the gaps
     * that it was told of in between say of each position what became of it. A gap whose mark was forgotten cannot have
     * been of an event that was published after the mark was made.
     */
    private static final String WRITTEN = "the event was written to the client's connection";

    private final PublishedEvent event;
    private final Position position;
    private final Instant now;

    /**
     * @param now when the streams were looked at
     */
    Judge(PublishedEvent event, Instant now) {
        this.event = event;
        this.position = event.position();
        this.now = now;
    }

    /**
     * A time in which a stream has read one topic.
     *
     * @param left when it left the topic; null if it did not
     */
    private record Reading(Progress progress, @Nullable Instant left) {}

    /** What became of the event on {@code stream}. */
    Verdict of(RecordedStream stream) {
        return readings(stream)
                .map(reading -> of(stream, reading))
                .min(Comparator.comparing(Verdict::outcome))
                .orElseGet(() ->
                        Verdict.of(Outcome.NOT_SUBSCRIBED, "the stream has not read this topic"));
    }

    private Stream<Reading> readings(RecordedStream stream) {
        Stream<Reading> past =
                stream.report().marks().stream()
                        .filter(Mark.Left.class::isInstance)
                        .map(Mark.Left.class::cast)
                        .map(left -> new Reading(left.progress(), left.at()));
        Stream<Reading> present =
                stream.report().topics().stream().map(progress -> new Reading(progress, null));
        return Stream.concat(present, past).filter(reading -> isMeant(reading.progress().topic()));
    }

    /** Whether the event is one of those of {@code topic}, a topic or pattern. */
    boolean isMeant(String topic) {
        return topic.equals(event.topic())
                || topic.equals(event.ownTopic())
                || (!TopicPattern.isPattern(event.ownTopic())
                        && TopicPattern.isPattern(topic)
                        && TopicPattern.parse(topic).matches(event.ownTopic()));
    }

    private Verdict of(RecordedStream stream, Reading reading) {
        Progress progress = reading.progress();
        List<Mark> marks = marks(stream, reading);
        for (Mark mark : marks) {
            if (mark instanceof Mark.Missed(Instant at, _, Gap gap) && covers(gap)) {
                return missed(at, gap);
            }
        }
        if (isBefore(progress)) {
            return Verdict.of(
                    Outcome.BEFORE_START,
                    "the stream began after the event, at "
                            + Times.text(progress.since())
                            + ", and its client did not ask for what was published before");
        }
        Position cursor = progress.cursor();
        if (cursor != null && !cursor.sameEpoch(position)) {
            return Verdict.of(
                    Outcome.UNKNOWN, "the topic's log began anew between the event and the stream");
        }
        if (isUpTo(cursor)) {
            return passed(stream, reading, marks);
        }
        return notReached(stream, reading);
    }

    /** What has happened to the topic meanwhile. */
    private static List<Mark> marks(RecordedStream stream, Reading reading) {
        Progress progress = reading.progress();
        Instant left = reading.left();
        return stream.report().marks().stream()
                .filter(mark ->
                        !(mark instanceof Mark.Left)
                                && mark.topic().equals(progress.topic())
                                && !mark.at().isBefore(progress.since())
                                && (left == null || !mark.at().isAfter(left)))
                .toList();
    }

    private boolean covers(Gap gap) {
        Position after = gap.after();
        Position before = gap.before();
        boolean known = before.sameEpoch(position) || (after != null && after.sameEpoch(position));
        boolean newest = gap.reason() == GapReason.SKIPPED && before.equals(position);
        return known
                && !newest // which is not skipped
                && !isUpTo(after)
                && !(before.sameEpoch(position) && position.isAfter(before));
    }

    private static Verdict missed(Instant at, Gap gap) {
        String but =
                gap.reason() == GapReason.SKIPPED
                        ? "; unless the lag policy keeps the newest of each key and this was one,"
                                + " which was delivered"
                        : "";
        return new Verdict(
                Outcome.GAP,
                "the client was told of a gap, with the reason " + gap.reason().word() + but,
                new Span(at, at),
                false);
    }

    private Verdict passed(RecordedStream stream, Reading reading, List<Mark> marks) {
        Instant forgotten = stream.report().forgottenUntil();
        Instant published = event.time();
        if (forgotten != null && (published == null || !published.isAfter(forgotten))) {
            return Verdict.of(
                    Outcome.UNKNOWN,
                    "the event was delivered, or the client was told that it is missing: what the"
                            + " stream did until "
                            + Times.text(forgotten)
                            + " was forgotten");
        }
        return new Verdict(
                Outcome.DELIVERED,
                delivered(stream),
                span(reading.progress(), marks, end(stream, reading)),
                replayed(reading.progress(), marks));
    }

    private static String delivered(RecordedStream stream) {
        RecordedStream.End end = stream.ended();
        if (end == null) {
            return stream.report().writing() || stream.isPoll()
                    ? "the event was taken for the client; what was taken last is being written"
                    : WRITTEN;
        }
        if (stream.isPoll()) {
            return "the event was taken for a response, which may not have been written; the client"
                    + " receives it again unless it asks for what comes after it";
        }
        return end.reason() == CloseReason.ENDED
                ? WRITTEN
                : "the event was taken for the client; what was taken last before the stream ended"
                        + " may not have arrived, and a client that resumes receives it again";
    }

    /** When the stream has come to the event, as far as its marks tell. */
    private Span span(Progress progress, List<Mark> marks, @Nullable Instant end) {
        Instant from = Times.later(progress.since(), event.time());
        Instant to = end == null ? now : end;
        for (Mark mark : marks) {
            boolean passed =
                    switch (mark) {
                        case Mark.Lapped lapped -> isUpTo(lapped.after());
                        case Mark.Missed missed -> isUpTo(missed.gap().after());
                        case Mark.CaughtUp _, Mark.Left _ -> false;
                    };
            if (passed) {
                to = mark.at().isBefore(to) ? mark.at() : to;
            } else if (!(mark instanceof Mark.CaughtUp caughtUp && isUpTo(caughtUp.upTo()))) {
                from = Times.later(from, mark.at());
            }
        }
        return new Span(from.isAfter(to) ? to : from, to); // clocks differ
    }

    private boolean replayed(Progress progress, List<Mark> marks) {
        Position start = progress.from();
        for (Mark mark : marks) {
            switch (mark) {
                case Mark.Lapped lapped -> start = lapped.after();
                case Mark.CaughtUp caughtUp -> {
                    if (!isUpTo(start) && isUpTo(caughtUp.upTo())) {
                        return true;
                    }
                    start = caughtUp.upTo();
                }
                case Mark.Missed _, Mark.Left _ -> {
                    // It says nothing of this.
                }
            }
        }
        return false;
    }

    private Verdict notReached(RecordedStream stream, Reading reading) {
        Progress progress = reading.progress();
        RecordedStream.End end = stream.ended();
        if (reading.left() != null) {
            return Verdict.of(
                    Outcome.LEFT_BEFORE,
                    "the client left the topic before the event, at " + Times.text(reading.left()));
        }
        if (end != null) {
            return Verdict.of(
                    Outcome.CLOSED_BEFORE,
                    "the stream ended before it came to the event, at %s, with the reason %s"
                            .formatted(Times.text(end.at()), end.reason().word()));
        }
        Position latest = progress.latest();
        if (progress.waiting() < 0) {
            return Verdict.of(
                    Outcome.NOT_YET,
                    "the client is behind, and reads the broker's history up to the event");
        }
        if (latest != null && latest.sameEpoch(position) && position.isAfter(latest)) {
            return Verdict.of(
                    Outcome.NOT_YET, "this node has not received the event from the broker");
        }
        return Verdict.of(
                Outcome.NOT_YET,
                "the client has not taken what was written to it: about %d events wait"
                        .formatted(progress.waiting()));
    }

    private static @Nullable Instant end(RecordedStream stream, Reading reading) {
        if (reading.left() != null) {
            return reading.left();
        }
        RecordedStream.End end = stream.ended();
        return end == null ? null : end.at();
    }

    /** Whether the event is from before the beginning of what was asked for. */
    private boolean isBefore(Progress progress) {
        Position from = progress.from();
        return isUpTo(from) && !(progress.fromIncluded() && position.equals(from));
    }

    /** Whether the event is at {@code bound} or before it. */
    private boolean isUpTo(@Nullable Position bound) {
        return bound != null && bound.sameEpoch(position) && !position.isAfter(bound);
    }
}
