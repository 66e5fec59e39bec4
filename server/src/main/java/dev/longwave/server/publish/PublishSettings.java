package dev.longwave.server.publish;

import dev.longwave.broker.Settings;

/**
 * Settings of publishing and reading back.
 *
 * @param maxDataBytes how long one event's data may be
 * @param maxBatchEvents how many events one batch may have
 * @param maxBatchBytes how long the body of a batch may be
 * @param maxHistoryEvents how many events one page of history may have
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
                                "How long the data of one event may be."),
                (int)
                        limits.number(
                                "batch-events",
                                1000,
                                1,
                                100_000,
                                "How many events one batch may have."),
                (int)
                        limits.size(
                                "batch-body",
                                4 * MIB,
                                KIB,
                                64 * MIB,
                                "How long the body of one batch may be."),
                (int)
                        limits.number(
                                "history-events",
                                1000,
                                1,
                                10_000,
                                "How many events one page of history may have."));
    }
}
