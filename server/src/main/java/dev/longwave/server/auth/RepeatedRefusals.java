package dev.longwave.server.auth;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Notices clients that come back again and again although they are refused. Safe for many threads.
 */
final class RepeatedRefusals {
    /*
     * What is known of a client lapses after a minute. Everyone can be refused, under any name, so their number is
     * bounded: while there are too many, those that are not known are not counted, and are refused as always.
     */
    private static final int MAX_CLIENTS = 10_000;
    private static final long WINDOW_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long SWEEP_NANOS = Duration.ofSeconds(1).toNanos();

    private final int max;
    private final LongSupplier nanoTime;
    private final AtomicLong nextSweep;
    private final Map<String, Count> counts = new ConcurrentHashMap<>();

    private record Count(int refusals, long sinceNanos) {

        boolean isOver(long now) {
            return now - sinceNanos >= WINDOW_NANOS;
        }

        Count plusOne(long now) {
            return isOver(now) ? new Count(1, now) : new Count(refusals + 1, sinceNanos);
        }
    }

    /**
     * @param max how often a client may be refused within a minute; 0 for no limit
     */
    RepeatedRefusals(int max, LongSupplier nanoTime) {
        this.max = max;
        this.nanoTime = nanoTime;
        this.nextSweep = new AtomicLong(nanoTime.getAsLong());
    }

    /** {@return whether anything is counted} */
    boolean isOn() {
        return max > 0;
    }

    /** Counts a refusal of {@code client}. Returns whether it is one too many. */
    boolean isTooMany(String client) {
        long now = nanoTime.getAsLong();
        if (counts.size() >= MAX_CLIENTS) {
            sweep(now);
            if (counts.size() >= MAX_CLIENTS && !counts.containsKey(client)) {
                return false;
            }
        }
        Count count =
                counts.compute(
                        client,
                        (_, known) -> known == null ? new Count(1, now) : known.plusOne(now));
        return count.refusals() > max;
    }

    private void sweep(long now) {
        long due = nextSweep.get();
        if (now - due >= 0 && nextSweep.compareAndSet(due, now + SWEEP_NANOS)) {
            counts.values().removeIf(count -> count.isOver(now));
        }
    }
}
