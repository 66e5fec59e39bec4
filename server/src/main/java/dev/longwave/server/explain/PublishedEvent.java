package dev.longwave.server.explain;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.core.Hub;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether there is an event at a position.
 *
 * @param state what the broker's log says
 * @param detail the same in a sentence
 * @param entry the event; null unless it is in the log
 */
record PublishedEvent(
        String topic, Position position, State state, String detail, @Nullable Entry entry) {

    private static final String LATER = "the topic has no event as late as that";

    /** What the log says. */
    enum State {
        /** It is there. */
        PUBLISHED,
        /** The log does not reach back to it any more. */
        EXPIRED,
        /** There is no such event. */
        UNKNOWN,
        /** There is no log. */
        UNCHECKED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Looks for it. Blocks.
     *
     * @param topic a topic or pattern
     * @throws dev.longwave.broker.BrokerUnavailableException if the broker cannot be read
     */
    static PublishedEvent find(Hub hub, String topic, Position position) {
        if (!hub.hasHistory()) {
            return new PublishedEvent(
                    topic,
                    position,
                    State.UNCHECKED,
                    "the broker keeps no history, so it is not known whether there was such an"
                            + " event",
                    null);
        }
        Page page = hub.history(topic, before(position), null, 1, 1);
        Entry next = page.entries().isEmpty() ? null : page.entries().getFirst();
        if (next != null && next.position().equals(position)) {
            return next.position().contradicts(position)
                    ? unknown(
                            topic,
                            position,
                            "another event has its place: the log was put back from a copy")
                    : new PublishedEvent(
                            topic,
                            position,
                            State.PUBLISHED,
                            "the event was published at " + Times.text(next.time()),
                            next);
        }
        return switch (page.coverage()) {
            case COMPLETE ->
                    unknown(
                            topic,
                            position,
                            next == null ? LATER : "no event stands at this place of the topic");
            case AHEAD_OF_LOG -> unknown(topic, position, LATER);
            case OTHER_EPOCH ->
                    unknown(topic, position, "the log began anew since, or the ID is of another");
            case TRIMMED -> gone(topic, position, "the log does not reach back to the event");
            case DELETED -> gone(topic, position, "the events of that time were deleted");
        };
    }

    /** The start of a page that begins with the event at {@code position}, if there is one. */
    private static Start before(Position position) {
        long major = position.major();
        long minor = position.minor();
        if (minor > 0) {
            return Start.after(new Position(position.epoch(), major, minor - 1));
        }
        return major > 0
                ? Start.after(new Position(position.epoch(), major - 1))
                : Start.earliest();
    }

    private static PublishedEvent unknown(String topic, Position position, String detail) {
        return new PublishedEvent(topic, position, State.UNKNOWN, detail, null);
    }

    private static PublishedEvent gone(String topic, Position position, String why) {
        return new PublishedEvent(
                topic,
                position,
                State.EXPIRED,
                why + ", so it is not known whether there was one",
                null);
    }

    /** When it was published; null if that is not known. */
    @Nullable Instant time() {
        return entry == null ? null : entry.time();
    }

    /** Its own topic, if it was asked for by a pattern. */
    String ownTopic() {
        return entry == null || entry.topic() == null ? topic : entry.topic();
    }
}
