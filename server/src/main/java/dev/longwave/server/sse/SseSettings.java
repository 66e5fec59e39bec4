package dev.longwave.server.sse;

import dev.longwave.broker.Settings;
import java.time.Duration;

/**
 * Settings of event streams.
 *
 * @param heartbeatInterval how often a quiet stream gets a heartbeat
 * @param retry how long clients are told to wait before they reconnect
 * @param maxTopics the maximum number of topics of one stream
 * @param maxBlockBytes the maximum size of an event with its fields, 0 for no limit
 */
public record SseSettings(
        Duration heartbeatInterval, Duration retry, int maxTopics, long maxBlockBytes) {

    /** Reads the section {@code sse}. */
    public static SseSettings read(Settings settings) {
        Settings sse = settings.section("sse");
        return new SseSettings(
                sse.duration(
                        "heartbeat-interval",
                        Duration.ofSeconds(15),
                        Duration.ofMillis(100),
                        Duration.ofMinutes(10),
                        "How often a quiet stream gets a heartbeat. Keep it below the idle timeout"
                                + " of every proxy between client and server."),
                sse.duration(
                        "retry",
                        Duration.ofSeconds(2),
                        Duration.ZERO,
                        Duration.ofMinutes(10),
                        "How long the server tells clients to wait before they reconnect."),
                (int)
                        sse.number(
                                "max-topics",
                                32,
                                1,
                                1024,
                                "The maximum number of topics of one stream."),
                sse.size(
                        "max-block",
                        0,
                        0,
                        1L << 30,
                        "The maximum size of an event with all its fields on the stream of one"
                                + " topic or pattern; larger ones are refused when they are"
                                + " published. 0B for no limit. Some clients need less than"
                                + " 64KiB."));
    }
}
