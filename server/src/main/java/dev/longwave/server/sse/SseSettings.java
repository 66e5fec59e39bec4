package dev.longwave.server.sse;

import dev.longwave.broker.Settings;
import java.time.Duration;

/**
 * Settings of event streams.
 *
 * @param heartbeatInterval how often a quiet stream says that it lives
 * @param retry how long clients are told to wait before they reconnect
 * @param maxTopics how many topics one stream may have
 */
public record SseSettings(
        Duration heartbeatInterval, Duration retry, int maxTopics) {

    /** Reads the section {@code sse}. */
    public static SseSettings read(Settings settings) {
        Settings sse = settings.section("sse");
        return new SseSettings(
                sse.duration(
                        "heartbeat-interval",
                        Duration.ofSeconds(15),
                        Duration.ofMillis(100),
                        Duration.ofMinutes(10),
                        "How often a quiet stream says that it lives. Keep it below the idle"
                                + " time-out of every proxy on the way."),
                sse.duration(
                        "retry",
                        Duration.ofSeconds(2),
                        Duration.ZERO,
                        Duration.ofMinutes(10),
                        "How long clients are told to wait before they reconnect."),
                (int)
                        sse.number(
                                "max-topics", 32, 1, 1024, "How many topics one stream may have."));
    }
}
