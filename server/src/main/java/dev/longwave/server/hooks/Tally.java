package dev.longwave.server.hooks;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Counts what became of events, and says so in the log now and then. Safe for many threads. */
final class Tally {

    private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();
    private static final System.Logger LOGGER = System.getLogger(Tally.class.getName());

    private final LongAdder told = new LongAdder();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong nextLog = new AtomicLong(System.nanoTime());

    void told() {
        told.increment();
    }

    /** Counts an event that nobody will be told of. */
    void dropped(String reason) {
        long count = dropped.incrementAndGet();
        long now = System.nanoTime();
        long due = nextLog.get();
        if (now - due >= 0 && nextLog.compareAndSet(due, now + QUIET_NANOS)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "hooks have dropped events dropped={0} reason={1}",
                    count,
                    reason);
        }
    }

    long toldCount() {
        return told.sum();
    }

    long droppedCount() {
        return dropped.get();
    }
}
