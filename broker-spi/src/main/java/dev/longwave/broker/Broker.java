package dev.longwave.broker;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Carries events between the nodes of one deployment, and keeps what a reader that was away needs.
 *
 * <p>A broker gives each event of a topic a {@link Position}, and hands the events to every
 * subscription in that order, each once; where it cannot, it calls {@link Sink#gap}. Two topics
 * have no order. A topic need not exist before it is used. Safe for many threads; every method may
 * block up to the broker's own time-out, and an interrupt ends the wait with {@link
 * BrokerUnavailableException}, the interrupt flag set.
 *
 * <p>With {@link Capability#PATTERNS}, a {@link TopicPattern} is to {@link #subscribe} and {@link
 * #history} what a topic is, one whose events are those of all topics that it matches, whenever
 * these begin to exist. So their positions are then comparable with each other, and the pattern has
 * one order, in which each of its topics has its own. Its entries carry their {@link Entry#topic}.
 * Where any of its topics has lost an entry after a cursor, the pattern has. A position in it says
 * how far all of its topics have come, and need not be that of one of its entries.
 */
public interface Broker extends AutoCloseable {

    /** {@return what this broker can do; always the same} */
    Set<Capability> capabilities();

    /** {@return the length of the longest {@link Message#data()} accepted, in bytes} */
    int maxMessageBytes();

    /**
     * Publishes {@code message}, and returns once the broker has accepted it.
     *
     * @param topic the topic; never a pattern
     * @param message the message; its data array is kept, and must not change
     * @return its position, which is also that of its live delivery, and what it survives
     * @throws MessageRefusedException if it is too large, or the topic is nothing this broker can
     *     have
     * @throws BrokerUnavailableException if no answer came in time. It may have been accepted:
     *     publish it again with the same {@link Message#id()}, and one of the two is kept
     */
    Published publish(String topic, Message message);

    /**
     * Starts handing the events of {@code topic} to {@code sink}.
     *
     * <p>Calls to the sink may begin before this method returns.
     *
     * @param topic the topic, or a pattern
     * @throws BrokerUnavailableException if the servers cannot be reached; nothing is subscribed
     */
    Subscription subscribe(String topic, Sink sink);

    /**
     * Reads from the log of a topic.
     *
     * @param topic the topic, or a pattern
     * @param start where to begin
     * @param until the last position wanted, or null for all up to the log's present tail; one of
     *     another epoch is no bound
     * @param maxEntries 1 or more
     * @param maxBytes of data, 1 or more; the page ends before the entry that would exceed it, but
     *     holds at least one entry if there is any
     * @throws BrokerUnavailableException if no answer came in time; trying again is harmless
     * @throws UnsupportedOperationException without {@link Capability#HISTORY}
     */
    Page history(String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes);

    /** {@return who is where, if this broker keeps it: {@link Capability#PRESENCE}} */
    default Optional<Presence> presence() {
        return Optional.empty();
    }

    /**
     * {@return whether this is the first claim of {@code key} in the deployment within {@code ttl};
     * of several callers exactly one gets true}
     *
     * @throws BrokerUnavailableException if no answer came in time; the key may then be claimed
     * @throws UnsupportedOperationException without {@link Capability#CLAIMS}
     */
    default boolean claim(String key, Duration ttl) {
        throw new UnsupportedOperationException("this broker keeps no claims");
    }

    /**
     * Ends all subscriptions and gives everything back. Does nothing the second time. After it
     * returns no sink is called, and no thread of the broker runs; publishing, subscribing, reading
     * and claiming throw {@link IllegalStateException}.
     */
    @Override
    void close();

    /** Interest in one topic, or in those of one pattern. */
    interface Subscription extends AutoCloseable {

        /**
         * {@return the position S such that everything after S is handed to the sink, and
         * everything up to S can be read with {@link Broker#history}}
         */
        Position start();

        /**
         * Ends it. Does nothing the second time. After it returns the sink is not called: it waits
         * for a call that is running, unless it is called from within the sink.
         */
        @Override
        void close();
    }

    /**
     * Receives the events of one subscription: one call at a time, in order. Must not block, for it
     * may be called by a publisher. What it throws is logged, and harms nobody else.
     */
    interface Sink {

        /** The next event. */
        void message(Entry entry);

        /**
         * Events are missing, and the broker cannot say which.
         *
         * @param after the last position before the hole
         * @param before the position after which there is no further hole: the next message is the
         *     one that follows it
         */
        void gap(Position after, Position before, GapReason reason);
    }
}
