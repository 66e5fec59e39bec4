package dev.longwave.server.presence;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** Moments of which each is later than those before. Safe for many threads. */
final class Stamps {

    private final InstantSource clock;
    private final AtomicLong last = new AtomicLong();

    Stamps(InstantSource clock) {
        this.clock = clock;
    }

    /** {@return the present moment in milliseconds, or one that was not returned before} */
    long next() {
        return last.updateAndGet(before -> Math.max(before + 1, clock.millis()));
    }
}
