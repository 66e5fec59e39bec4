package dev.longwave.cli;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: twice as long each time up to a cap, plus up to half of
 * that again by chance, so that clients that lost one server do not come back all at once.
 */
final class Backoff {

    private static final Duration CAP = Duration.ofSeconds(30);
    private static final int MAX_DOUBLINGS = 16;

    private final RandomGenerator random;
    private int attempts;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** {@return the next delay, if the first of a row is about {@code first}} */
    Duration next(Duration first) {
        Duration cap = first.compareTo(CAP) > 0 ? first : CAP;
        Duration doubled = first.multipliedBy(1L << Math.min(attempts++, MAX_DOUBLINGS));
        Duration delay = doubled.compareTo(cap) > 0 ? cap : doubled;
        return delay.plusMillis((long) (delay.toMillis() * random.nextDouble() / 2));
    }

    /** An attempt went well: the next row of delays starts anew. */
    void reset() {
        attempts = 0;
    }
}
