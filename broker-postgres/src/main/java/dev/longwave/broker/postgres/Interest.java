package dev.longwave.broker.postgres;

import dev.longwave.broker.Position;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The topics that are subscribed to here, and up to where the feed sees to each. */
final class Interest {
    /*
     * "Sees to": it has the events up to there, or was told to read them. That is kept to read
     * nothing twice, and for nothing else: whether an event fits is for the feed to say, and one
     * that is taken for seen to by mistake is found by the tail check. So it does no harm if the
     * feed does a thing and this hears of it later. What is still counted for a topic that was left
     * and joined again stands in the new one's queue, or up to its tail, which is asked for later.
     *
     * Threads that publish to one topic come here in any order, so the next few events may be known
     * before one that is missing still.
     */
    private static final Seen NOT_YET = new Seen(new Position(-1, 0), 0); // no epoch is that long

    private final ConcurrentHashMap<String, Seen> topics = new ConcurrentHashMap<>();

    /**
     * What is known of a topic.
     *
     * @param upTo everything up to here is seen to
     * @param ahead bit i is set if the event after the next i ones is, too; bit 0 never is
     */
    private record Seen(Position upTo, long ahead) {

        boolean isUpTo(Position position) {
            return position.sameEpoch(upTo) && !position.isAfter(upTo);
        }

        Seen and(Position position) {
            if (!position.sameEpoch(upTo) || !position.isAfter(upTo)) {
                return this;
            }
            long distance = position.major() - upTo.major() - 1;
            if (distance >= Long.SIZE) {
                return this;
            }
            long known = ahead | 1L << distance;
            int next = Long.numberOfTrailingZeros(~known);
            return new Seen(
                    new Position(upTo.epoch(), upTo.major() + next),
                    next == Long.SIZE ? 0 : known >>> next);
        }
    }

    void begin(String topic) {
        topics.put(topic, NOT_YET);
    }

    void end(String topic) {
        topics.remove(topic);
    }

    /** {@return whether the feed should hear of an event at {@code position}} */
    boolean isNews(String topic, Position position) {
        Seen seen = topics.get(topic);
        return seen != null && !seen.isUpTo(position);
    }

    /** {@return up to where the feed sees to a topic, or null if that is not known} */
    @Nullable Position seenTo(String topic) {
        Seen seen = topics.get(topic);
        return seen == null || seen.equals(NOT_YET) ? null : seen.upTo;
    }

    /** The feed sees to everything up to {@code position}. */
    void sees(String topic, Position position) {
        topics.computeIfPresent(
                topic, (_, seen) -> seen.isUpTo(position) ? seen : new Seen(position, 0));
    }

    /** The feed has got the event at {@code position}. */
    void seesOne(String topic, Position position) {
        topics.computeIfPresent(topic, (_, seen) -> seen.and(position));
    }

    /** {@return how many topics are subscribed to} */
    int size() {
        return topics.size();
    }
}
