package dev.longwave.core;

import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * How a hub works.
 *
 * @param topicLogEvents how many events of a topic are kept encoded at most, for subscribers to
 *     read from
 * @param topicLogBytes how many bytes these may have together
 * @param topicLinger how long a topic is kept after its last subscriber left
 * @param pageEvents how many events are read from the broker's history at once
 * @param pageBytes how many bytes of data these may have together
 * @param fanOutThreads how many threads signal the subscribers of large topics
 * @param lagPolicies gives each topic, and each pattern that is subscribed to, its lag policy
 * @param ephemeralTopics tells which topics have ephemeral events only
 * @param maxReplays how many pages of history may be read for subscribers at the same time
 */
public record HubOptions(
        int topicLogEvents,
        long topicLogBytes,
        Duration topicLinger,
        int pageEvents,
        int pageBytes,
        int fanOutThreads,
        Function<String, LagPolicy> lagPolicies,
        Predicate<String> ephemeralTopics,
        int maxReplays) {

    private static final int DEFAULT_MAX_REPLAYS = 64;

    /** Options for topics that do not have ephemeral events only. */
    public HubOptions(
            int topicLogEvents,
            long topicLogBytes,
            Duration topicLinger,
            int pageEvents,
            int pageBytes,
            int fanOutThreads,
            Function<String, LagPolicy> lagPolicies) {
        this(
                topicLogEvents,
                topicLogBytes,
                topicLinger,
                pageEvents,
                pageBytes,
                fanOutThreads,
                lagPolicies,
                _ -> false,
                DEFAULT_MAX_REPLAYS);
    }

    /** The defaults: 256 events and 1 MiB a topic, and every reader gets everything. */
    public static HubOptions defaults() {
        return new HubOptions(
                256,
                1 << 20,
                Duration.ofSeconds(30),
                256,
                256 << 10,
                Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4),
                _ -> new LagPolicy.Replay());
    }
}
