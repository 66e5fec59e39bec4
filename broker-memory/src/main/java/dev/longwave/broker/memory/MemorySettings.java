package dev.longwave.broker.memory;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import java.time.Duration;

/**
 * What the memory broker keeps, and for how long.
 *
 * @param retentionCount events kept per topic
 * @param retentionBytes bytes kept per topic
 * @param retentionAge how long an event is kept
 * @param maxBytes bytes kept over all topics
 * @param dedupWindow how long the id of a message is remembered
 * @param dedupCount ids remembered per topic
 * @param maxMessageBytes length of the longest data accepted
 */
record MemorySettings(
        int retentionCount,
        long retentionBytes,
        Duration retentionAge,
        long maxBytes,
        Duration dedupWindow,
        int dedupCount,
        int maxMessageBytes) {

    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final Duration LONGEST = Duration.ofDays(3650);

    MemorySettings {
        if (maxBytes < maxMessageBytes) {
            throw new BrokerConfigurationException(
                    "max-bytes must hold the longest message max-bytes=%d max-message-bytes=%d"
                            .formatted(maxBytes, maxMessageBytes));
        }
    }

    static MemorySettings read(Settings settings) {
        return new MemorySettings(
                (int)
                        settings.number(
                                "retention-count",
                                1_000_000,
                                1,
                                10_000_000,
                                "How many events each topic keeps for readers that reconnect."),
                settings.size(
                        "retention-bytes",
                        64 * MIB,
                        1,
                        Long.MAX_VALUE,
                        "How many bytes of events each topic keeps; an event counts as its data and"
                                + " about 160 bytes more."),
                settings.duration(
                        "retention-age",
                        Duration.ofHours(1),
                        Duration.ofMillis(1),
                        LONGEST,
                        "How long an event is kept, and how long the server remembers an unused"
                                + " topic."),
                settings.size(
                        "max-bytes",
                        128 * MIB,
                        KIB,
                        Long.MAX_VALUE,
                        "How many bytes all topics keep together; beyond it, the topics that were"
                                + " used least recently lose their oldest events."),
                settings.duration(
                        "dedup-window",
                        Duration.ofMinutes(2),
                        Duration.ZERO,
                        LONGEST,
                        "How long a message id is remembered, so that a repeated publish is kept"
                                + " once."),
                (int)
                        settings.number(
                                "dedup-count",
                                1000,
                                0,
                                10_000_000,
                                "How many message ids each topic remembers at most."),
                (int)
                        settings.size(
                                "max-message-bytes",
                                MIB,
                                1,
                                1 << 30,
                                "The maximum size of the data of one event."));
    }
}
