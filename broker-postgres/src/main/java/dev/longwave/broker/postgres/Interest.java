package dev.longwave.broker.postgres;

import dev.longwave.broker.Position;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The topics that this node is subscribed to, and how far the feed covers each of them. */
final class Interest {
    /*
     * The feed covers the events that it has received or was told to read. This class only avoids
     * reading events twice. The feed decides what comes next, and the tail check finds an event
     * that is recorded as covered by mistake. So it is harmless if this class learns late what the
     * feed did. If a topic is left and joined again, an event recorded for the old subscription
     * either is in the new one's queue or comes before its tail, which is read later.
     *
     * Messages of one topic may arrive here in another order, so a few events may be recorded while an
     * earlier one is still missing.
     *
     * In one life of a log, an earlier event has no later time. A position that is not ahead, but whose
     * stamp is later, comes from a log that was put back from a copy: it is new.
     */
    private static final Covered UNKNOWN =
            new Covered(new Position(-1, 0), 0); // epochs have fewer bits

    private final ConcurrentHashMap<String, Covered> topics = new ConcurrentHashMap<>();

    /**
     * What the feed covers of a topic.
     *
     * @param upTo everything up to here is covered
     * @param ahead bit i is set if the event i + 1 after {@code upTo} is covered, too; bit 0 is
     *     never set
     */
    private record Covered(Position upTo, long ahead) {

        boolean isUpTo(Position position) {
            return position.sameEpoch(upTo)
                    && !position.isAfter(upTo)
                    && (upTo.stamp() == 0 || position.stamp() <= upTo.stamp());
        }

        Covered and(Position position) {
            if (!position.sameEpoch(upTo) || !position.isAfter(upTo)) {
                return this;
            }
            long distance = position.major() - upTo.major() - 1;
            if (distance >= Long.SIZE) {
                return this;
            }
            long known = ahead | 1L << distance;
            int next = Long.numberOfTrailingZeros(~known);
            if (next == 0) {
                return new Covered(upTo, known);
            }
            long last = upTo.major() + next;
            return new Covered(
                    last == position.major() ? position : new Position(upTo.epoch(), last),
                    next == Long.SIZE ? 0 : known >>> next);
        }
    }

    void begin(String topic) {
        topics.put(topic, UNKNOWN);
    }

    void end(String topic) {
        topics.remove(topic);
    }

    /** {@return whether this node wants an event at {@code position} and does not cover it yet} */
    boolean isNew(String topic, Position position) {
        Covered covered = topics.get(topic);
        return covered != null && !covered.isUpTo(position);
    }

    /** {@return how far the feed covers a topic, or null if that is unknown} */
    @Nullable Position coveredUpTo(String topic) {
        Covered covered = topics.get(topic);
        return covered == null || covered.equals(UNKNOWN) ? null : covered.upTo;
    }

    /** Records that the feed covers everything up to {@code position}. */
    void covers(String topic, Position position) {
        topics.computeIfPresent(
                topic,
                (_, covered) -> covered.isUpTo(position) ? covered : new Covered(position, 0));
    }

    /** Records the tail of a log, which may be further ahead than what was known of it. */
    void endsAt(String topic, Position tail) {
        topics.computeIfPresent(
                topic,
                (_, covered) -> new Covered(tail, covered.upTo.equals(tail) ? covered.ahead : 0));
    }

    /** Records that the feed has received the event at {@code position}. */
    void received(String topic, Position position) {
        topics.computeIfPresent(topic, (_, covered) -> covered.and(position));
    }
}
