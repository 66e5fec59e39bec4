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
        Page upTo = page(hub, topic, Start.last(1), position);
        if (!upTo.entries().isEmpty()) {
            Entry entry = upTo.entries().getLast();
            if (entry.position().contradicts(position)) {
                return unknown(
                        topic,
                        position,
                        "another event has its place: the log was put back from a copy");
            }
            if (entry.position().equals(position)) {
                return new PublishedEvent(
                        topic,
                        position,
                        State.PUBLISHED,
                        "the event was published at " + Times.text(entry.time()),
                        entry);
            }
        }
        Position tail = page(hub, topic, Start.last(1), null).end();
        if (!tail.sameEpoch(position)) {
            return unknown(topic, position, "the log began anew since, or the ID is of another");
        }
        if (position.isAfter(tail)) {
            return unknown(topic, position, "the topic has no event as late as that");
        }
        Page oldest = page(hub, topic, Start.earliest(), null);
        if (oldest.entries().isEmpty()
                || oldest.entries().getFirst().position().isAfter(position)) {
            return new PublishedEvent(
                    topic,
                    position,
                    State.EXPIRED,
                    "the log does not reach back to the event any more, so it is not known whether"
                            + " there was one",
                    null);
        }
        return unknown(topic, position, "no event stands at this place of the topic");
    }

    private static Page page(Hub hub, String topic, Start start, @Nullable Position until) {
        return hub.history(topic, start, until, 1, 1);
    }

    private static PublishedEvent unknown(String topic, Position position, String detail) {
        return new PublishedEvent(topic, position, State.UNKNOWN, detail, null);
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
