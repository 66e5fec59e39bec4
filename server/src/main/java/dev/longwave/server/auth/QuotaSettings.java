package dev.longwave.server.auth;

import dev.longwave.broker.Settings;

/**
 * How much each client may do; 0 for no limit.
 *
 * @param streamsPerClient how many event streams it may have open
 * @param eventsPerSecond how many events it may publish in a second, on average
 * @param bytesPerSecond how much data it may publish in a second, on average
 * @param ticketsPerMinute how many tickets it may get in a minute, on average
 */
public record QuotaSettings(
        int streamsPerClient, int eventsPerSecond, long bytesPerSecond, int ticketsPerMinute) {

    private static final int MOST = 1_000_000;

    /** Reads them from the section {@code limits}. */
    public static QuotaSettings read(Settings settings) {
        Settings limits = settings.section("limits");
        return new QuotaSettings(
                (int)
                        limits.number(
                                "streams-per-client",
                                0,
                                0,
                                MOST,
                                "The maximum number of open event streams of one subject, or of one"
                                        + " address without a credential; 0 for no limit."),
                (int)
                        limits.number(
                                "publishes-per-second",
                                0,
                                0,
                                MOST,
                                "The maximum number of events per second that one subject, API key,"
                                        + " or address publishes; 0 for no limit. Bursts of a"
                                        + " second's worth pass."),
                limits.size(
                        "publish-bytes-per-second",
                        0,
                        0,
                        1L << 40,
                        "The maximum amount of data per second that one of these publishes; 0B for"
                                + " no limit."),
                (int)
                        limits.number(
                                "tickets-per-minute",
                                60,
                                0,
                                MOST,
                                "The maximum number of tickets per minute for one subject; 0 for no"
                                        + " limit."));
    }
}
