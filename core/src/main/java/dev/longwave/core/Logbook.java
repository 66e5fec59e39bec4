package dev.longwave.core;

import dev.longwave.broker.Position;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription notes of itself for operators. Apart from the subscription, so that what each
 * event needs stays together.
 *
 * <p>For the owner of the subscription, but for {@link #progress}.
 */
final class Logbook {

    private final String topic;
    private final long sinceMillis = System.currentTimeMillis();
    private @Nullable Position from;
    private boolean fromIncluded;
    private @Nullable Trail trail; // once the subscription is part of a stream
    private @Nullable Position readBefore; // how much history was read before that

    Logbook(String topic) {
        this.topic = topic;
    }

    /** It begins after {@code at}. */
    void began(Position at) {
        from = at;
    }

    /** It begins with the event at {@code at}: where the one before stands is not known. */
    void beganWith(Position at) {
        from = at;
        fromIncluded = true;
    }

    /** It is part of a stream from now on, whose marks are there. */
    void keepIn(Trail marks) {
        trail = marks;
        Position read = readBefore;
        if (read != null) {
            readBefore = null;
            caughtUp(read);
        }
    }

    /** It is too far behind for the topic's log. */
    void lapped(@Nullable Position cursor) {
        if (trail != null) {
            trail.add(new Mark.Lapped(Instant.now(), topic, cursor));
        }
    }

    /** It has read all that it needs of history. */
    void caughtUp(Position upTo) {
        if (upTo.equals(from)) {
            return; // there was nothing
        }
        if (trail == null) {
            readBefore = upTo;
        } else {
            trail.add(new Mark.CaughtUp(Instant.now(), topic, upTo));
        }
    }

    /** Where it stands. Any thread, which needs no exact answer. */
    Progress progress(@Nullable Position cursor, @Nullable Position latest, long waiting) {
        return new Progress(
                topic,
                Instant.ofEpochMilli(sinceMillis),
                from,
                fromIncluded,
                cursor,
                latest,
                waiting);
    }
}
