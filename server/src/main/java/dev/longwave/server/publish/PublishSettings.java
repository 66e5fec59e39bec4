package dev.longwave.server.publish;

import dev.longwave.broker.Settings;

/**
 * Settings of publishing and history.
 *
 * @param maxDataBytes the maximum size of the data of one event
 * @param maxBatchEvents the maximum number of events in one batch
 * @param maxBatchBytes the maximum size of the body of a batch
 * @param maxHistoryEvents the maximum number of events in one page of history
 */
public record PublishSettings(
        int maxDataBytes, int maxBatchEvents, int maxBatchBytes, int maxHistoryEvents) {

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    /** Reads the section {@code limits}. */
    public static PublishSettings read(Settings settings) {
        Settings limits = settings.section("limits");
        return new PublishSettings(
                (int)
                        limits.size(
                                "data",
                                64 * KIB,
                                1,
                                16 * MIB,
                                "The maximum size of the data of one event."),
                (int)
                        limits.number(
                                "batch-events",
                                1000,
                                1,
                                100_000,
                                "The maximum number of events in one batch."),
                (int)
                        limits.size(
                                "batch-body",
                                4 * MIB,
                                KIB,
                                64 * MIB,
                                "The maximum size of the body of one batch."),
                (int)
                        limits.number(
                                "history-events",
                                1000,
                                1,
                                10_000,
                                "The maximum number of events in one page of history."));
    }
}
