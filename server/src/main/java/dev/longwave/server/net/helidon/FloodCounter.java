package dev.longwave.server.net.helidon;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Counts what a client of HTTP/2 can send at next to no cost, and has no reason to send often. For
 * the thread that reads the connection.
 *
 * <p>Stands in for Helidon's checks: its count of rapid resets does not see those of requests
 * without a body, and the others are missing, or count over the connection's life.
 */
final class FloodCounter {

    /** What is counted, each apart. */
    enum Kind {
        RESET("RST_STREAM"),
        CONTINUATION("CONTINUATION"),
        SETTINGS("SETTINGS"),
        PING("PING"),
        /** A frame that is ignored: PRIORITY, or of a type that is unknown. */
        IGNORED("ignored frames"),
        EMPTY_DATA("empty DATA"),
        CLOSED_STREAM("frames on closed streams");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    private static final long PERIOD_NANOS = Duration.ofSeconds(10).toNanos();
    private static final int MAX = 1_000;

    /** All streams of a connection may be reset at once, as when a browser closes its tabs. */
    private static final int RESETS_PER_STREAM = 4;

    private final LongSupplier nanoTime;
    private final int maxResets;
    private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    private long began;

    FloodCounter(LongSupplier nanoTime, int maxStreams) {
        this.nanoTime = nanoTime;
        this.maxResets = Math.max(MAX, RESETS_PER_STREAM * maxStreams);
        this.began = nanoTime.getAsLong();
    }

    /**
     * Counts one.
     *
     * @throws ConnectionFault if that is one too many
     */
    void count(Kind kind) {
        long now = nanoTime.getAsLong();
        if (now - began >= PERIOD_NANOS) {
            counts.clear();
            began = now;
        }
        int max = kind == Kind.RESET ? maxResets : MAX;
        if (counts.merge(kind, 1, Integer::sum) > max) {
            throw new ConnectionFault(
                    Http2Error.ENHANCE_YOUR_CALM,
                    "too many within 10 s: " + kind.words + " max=" + max);
        }
    }
}
