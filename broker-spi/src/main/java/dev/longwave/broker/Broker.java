package dev.longwave.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Carries events between the nodes of one deployment, and keeps them for readers that come back.
 *
 * <p>A broker gives each event of a topic a {@link Position}, and delivers the events to every
 * subscription in that order, each once; where it cannot, it calls {@link Sink#gap}. The events of
 * two topics have no common order. Topics are created on first use. Safe for many threads; every
 * method may block up to the broker's own timeout, and an interrupt ends the wait with {@link
 * BrokerUnavailableException}, the interrupt flag set.
 *
 * <p>A broker stores and returns every part of a {@link Message}: its data byte for byte, and its
 * attributes.
 *
 * <p>A broker with {@link Capability#PATTERNS} takes a {@link TopicPattern} for a topic in {@link
 * #subscribe} and {@link #history}. The events of a pattern are those of all topics that it
 * matches, including topics created later. Positions are then comparable across topics: a pattern
 * has one order, which agrees with that of each of its topics. Its entries carry their {@link
 * Entry#topic}. If one of its topics has lost an entry after a cursor, so has the pattern. A
 * position in a pattern says how far a reader has come in all of its topics, and need not be that
 * of an entry.
 */
public interface Broker extends AutoCloseable {

    /** {@return what this broker can do; always the same} */
    Set<Capability> capabilities();

    /**
     * {@return the length of the longest {@link Message#data()} accepted, in bytes} Attributes do
     * not count, and a message with the longest data may have them.
     */
    int maxMessageBytes();

    /**
     * Publishes {@code message}, and returns once the broker has accepted it.
     *
     * @param topic the topic; never a pattern
     * @param message the message; its data array is kept, and must not change
     * @return its position, which is also that of its live delivery, and what it survives
     * @throws MessageRefusedException if it is too large, or this broker cannot have such a topic
     * @throws BrokerRefusedException if the servers refuse to store it
     * @throws BrokerUnavailableException if no answer came in time. The message may have been
     *     accepted: publish it again with the same {@link Message#id()}, and one of the two is kept
     */
    Published publish(String topic, Message message);

    /**
     * Publishes several messages, and returns once the outcome of each is known.
     *
     * <p>Each message succeeds or fails by itself: this is no transaction. Messages of one topic
     * are accepted in the order of the list. A message that is refused does not affect the others.
     * Once the outcome of one message is unknown, a broker may leave out all that follow: their
     * results are {@link BrokerUnavailableException}s, too, and a publisher that publishes all
     * messages without an answer again, in order, keeps that order.
     *
     * <p>The default publishes one message after another. It leaves out the rest after the first
     * {@link BrokerUnavailableException}, so that a broker that cannot be reached costs one
     * timeout, not one for each message.
     *
     * @return a result for each publication, in the same order
     */
    default List<PublishResult> publishAll(List<Publication> publications) {
        var results = new ArrayList<PublishResult>(publications.size());
        BrokerUnavailableException unavailable = null;
        for (Publication publication : publications) {
            if (unavailable != null) {
                results.add(
                        PublishResult.failed(
                                new BrokerUnavailableException(
                                        "not published, as one before it has no answer",
                                        unavailable)));
                continue;
            }
            try {
                results.add(PublishResult.of(publish(publication.topic(), publication.message())));
            } catch (BrokerUnavailableException e) {
                unavailable = e;
                results.add(PublishResult.failed(e));
            } catch (BrokerException e) {
                results.add(PublishResult.failed(e));
            }
        }
        return results;
    }

    /**
     * Sends {@code message} to those who are subscribed to {@code topic} now, on all nodes: {@link
     * Sink#ephemeral}. It has no position, is in no log, and changes nothing for the events that
     * are.
     *
     * <p>This is best effort. A message may be lost, for one subscriber or for all, and is dropped
     * where sinks do not keep up; none is kept for later. What one caller publishes and broadcasts
     * to one topic, one after the other, mostly arrives in that order.
     *
     * @param topic the topic; never a pattern. Subscribers of patterns that match it receive the
     *     message, too
     * @param message the message; its {@link Message#id()} is ignored. Its data array is kept, and
     *     must not change
     * @throws IllegalArgumentException if it is the {@linkplain Message#end() last event} of its
     *     topic
     * @throws MessageRefusedException if it is larger than {@link #maxMessageBytes()}, or this
     *     broker cannot have such a topic
     * @throws BrokerUnavailableException if it cannot be sent now; trying again may deliver it
     *     twice
     * @throws UnsupportedOperationException without {@link Capability#EPHEMERAL}
     */
    default void broadcast(String topic, Message message) {
        throw new UnsupportedOperationException("this broker has no ephemeral messages");
    }

    /**
     * Starts delivering the events of {@code topic} to {@code sink}.
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
     * @param until the last position wanted, or null for all up to the log's present tail; a
     *     position of another epoch is no bound
     * @param maxEntries 1 or more
     * @param maxBytes how long the messages may be together, by {@link Message#size()}; 1 or more.
     *     The page ends before the entry that would exceed it, but holds at least one entry if
     *     there is any. A broker may count a few bytes more for each attribute
     * @throws BrokerUnavailableException if no answer came in time; trying again is harmless
     * @throws UnsupportedOperationException without {@link Capability#HISTORY}, or for a start of a
     *     class that this broker does not know
     */
    Page history(String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes);

    /**
     * Erases the log of {@code topic} on all nodes, so that no {@link #history} that begins later
     * finds an entry from before. Positions of later messages stand after those of the erased ones.
     * Readers that had not received all of the erased entries learn it from {@link
     * Coverage#DELETED} or {@link GapReason#DELETED}.
     *
     * @param topic the topic; never a pattern
     * @return how far it was erased
     * @throws MessageRefusedException if this broker cannot have such a topic
     * @throws BrokerRefusedException if the servers refuse it; nothing was erased
     * @throws BrokerUnavailableException if no answer came in time; trying again is harmless
     * @throws UnsupportedOperationException without {@link Capability#DELETE}
     */
    default Position delete(String topic) {
        throw new UnsupportedOperationException("this broker cannot delete");
    }

    /** {@return the members of topics, if this broker keeps them: {@link Capability#PRESENCE}} */
    default Optional<Presence> presence() {
        return Optional.empty();
    }

    /**
     * {@return whether this is the first claim of {@code key} in the deployment within {@code ttl}}
     * Of several callers exactly one gets true.
     *
     * @throws BrokerUnavailableException if no answer came in time; the key may then be claimed
     * @throws UnsupportedOperationException without {@link Capability#CLAIMS}
     */
    default boolean claim(String key, Duration ttl) {
        throw new UnsupportedOperationException("this broker keeps no claims");
    }

    /**
     * Ends all subscriptions and releases all resources. Does nothing the second time. After it
     * returns no sink is called, and no thread of the broker runs; all other methods that would
     * need the servers throw {@link IllegalStateException}.
     */
    @Override
    void close();

    /** Interest in one topic, or in those of one pattern. */
    interface Subscription extends AutoCloseable {

        /**
         * {@return the position S such that everything after S is delivered to the sink, and
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
     * Receives the events of one subscription: one call at a time, in order. Must not block, as a
     * publisher's thread may call it. What it throws is logged, and does not affect other
     * subscriptions.
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

        /**
         * An ephemeral message, which does not affect what comes next. The default ignores it.
         *
         * <p>It comes between the other calls, never at the same time as one, but it has no place
         * in their order. It may come before {@link Broker#subscribe} has returned, as they may.
         */
        default void ephemeral(EphemeralMessage message) {}

        /**
         * The topic's log was {@linkplain Broker#delete erased}: what was received up to this
         * position is to be forgotten, wherever it is kept. It comes between the other calls, and
         * may come more than once. The default ignores it.
         *
         * @param upTo the last position that was erased
         */
        default void deleted(Position upTo) {}
    }
}
