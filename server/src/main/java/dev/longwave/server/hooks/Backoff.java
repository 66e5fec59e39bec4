package dev.longwave.server.hooks;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long to wait before the next attempt: twice as long each time, and a random part of it. */
final class Backoff {

    private static final int MAX_DOUBLINGS = 5;

    private final Duration first;
    private int failures;

    /**
     * @param first how long to wait at most after the first failure
     */
    Backoff(Duration first) {
        this.first = first;
    }

    /** {@return how long to wait after another failure: between half of the step and all of it} */
    Duration next() {
        long step = first.toMillis() << Math.min(failures++, MAX_DOUBLINGS);
        return Duration.ofMillis(step / 2 + ThreadLocalRandom.current().nextLong(step / 2 + 1));
    }
}
