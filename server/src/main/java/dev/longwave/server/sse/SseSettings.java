package dev.longwave.server.sse;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import java.time.Duration;

/**
 * Settings of event streams.
 *
 * @param heartbeatInterval how often a quiet stream gets a heartbeat
 * @param retry how long clients are told to wait before they reconnect
 * @param reconnectsPerSecond how many clients may reconnect per second, 0 for any number
 * @param maxAge after how long a stream ends, so that its client reconnects; zero for never
 * @param maxTopics the maximum number of topics of one stream
 * @param maxBlockBytes the maximum size of an event with its fields, 0 for no limit
 */
public record SseSettings(
        Duration heartbeatInterval,
        Duration retry,
        int reconnectsPerSecond,
        Duration maxAge,
        int maxTopics,
        long maxBlockBytes) {

    private static final Duration SHORTEST_AGE = Duration.ofSeconds(1);

    public SseSettings {
        if (maxAge.isPositive() && maxAge.compareTo(SHORTEST_AGE) < 0) {
            throw new BrokerConfigurationException(
                    "setting sse.max-age must be PT1S or more, or PT0S for no limit value="
                            + maxAge);
        }
    }

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
                        "How long the server tells clients to wait before they reconnect, at least:"
                                + " see sse.reconnects-per-second."),
                (int)
                        sse.number(
                                "reconnects-per-second",
                                1000,
                                0,
                                1_000_000,
                                "How many clients of this node may reconnect per second if all have"
                                    + " to. With more streams than that, clients are told to wait"
                                    + " longer than sse.retry, up to a minute, each for a time of"
                                    + " its own. 0 for no limit."),
                sse.duration(
                        "max-age",
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ofDays(366),
                        "How long a stream stays open at most, less up to a tenth of that at"
                                + " random. Its client then reconnects and resumes. PT0S for no"
                                + " limit."),
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
