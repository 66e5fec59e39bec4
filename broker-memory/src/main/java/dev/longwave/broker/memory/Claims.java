package dev.longwave.broker.memory;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;

/** Keys that are taken for a while. Safe for many threads. */
final class Claims {

    private final ConcurrentHashMap<String, Long> takenUntil = new ConcurrentHashMap<>();
    private final InstantSource clock;

    Claims(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * {@return whether nobody held {@code key}, which from now on is the caller's for {@code ttl}}
     */
    boolean claim(String key, Duration ttl) {
        if (!ttl.isPositive()) {
            throw new IllegalArgumentException("a claim needs a time to live ttl=" + ttl);
        }
        long now = clock.millis();
        Long until = now + ttl.toMillis();
        while (true) {
            Long held = takenUntil.putIfAbsent(key, until);
            if (held == null) {
                return true;
            }
            if (held > now) {
                return false;
            }
            // Of several that find the same expired claim one replaces it, and the others look
            // again.
            if (takenUntil.replace(key, held, until)) {
                return true;
            }
        }
    }

    /** Drops the claims that have expired. */
    void sweep() {
        long now = clock.millis();
        takenUntil.values().removeIf(until -> until <= now);
    }

    int size() {
        return takenUntil.size();
    }
}
