package dev.longwave.broker.feed;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a broker supplies to its {@link Feed}: a live path and a log.
 *
 * <p>A log that trims entries by age keeps each for at least ten resync periods. If it may trim one
 * sooner, as a limit on number or size does, it follows two rules instead: it says with {@link
 * Tail#empty(Position, Position)} what it knows of an empty topic, and never hands a message to
 * {@link Feed#live} without its previous position, but announces it. Under either, a node never
 * takes a hole for the end of the log.
 *
 * <p>With {@link dev.longwave.broker.Capability#PATTERNS}, a {@code topic} may also be the text of
 * a {@link dev.longwave.broker.TopicPattern}, which to the feed is one more topic: {@link #listen}
 * to it means to pass on, under that name, what is published to any topic that it matches, with the
 * topic of each entry ({@link dev.longwave.broker.Entry#in}); its log is that of all these topics.
 *
 * <p>Safe for many threads. Every method may block up to the broker's own timeout, throws {@link
 * BrokerUnavailableException} when no answer came in time, and ends its wait when interrupted, the
 * interrupt flag set; the feed tries again. None calls the feed and waits for it.
 */
public interface SharedLog {

    /**
     * Starts passing messages that are published to {@code topic} to {@link Feed#live} or {@link
     * Feed#announce}, and returns once the servers have confirmed it: every message published later
     * is passed on, unless it is lost. Calls for one topic come one at a time, and alternate with
     * those of {@link #unlisten}.
     *
     * @throws BrokerUnavailableException if it is not confirmed; {@link #unlisten} is then called
     */
    void listen(String topic);

    /** Ends {@link #listen}. Messages that still arrive do no harm. */
    void unlisten(String topic);

    /**
     * Reads from the log, as {@link dev.longwave.broker.Broker#history} does, which may simply call
     * this.
     *
     * <p>The entries may come from a replica that lags behind: a page may end early. Its {@link
     * Coverage} must be right. After a position it is best found by reading <em>inclusively</em>:
     * if the first entry stands at that position, nothing is missing. If there is no such entry,
     * ask the server with the newest entries whether it was trimmed or is beyond the tail.
     */
    Page read(String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes);

    /**
     * {@return the tail of each of {@code topics}, no older than anything that was published,
     * handed on live, or answered before the call}
     *
     * <p>Called every resync period with all topics of the node, in portions of up to {@value
     * TailCheck#PORTION}, and with none to find out whether the servers answer at all: ask for them
     * together.
     */
    Map<String, Tail> tails(Collection<String> topics);
}
