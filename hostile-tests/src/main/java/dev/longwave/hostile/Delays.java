package dev.longwave.hostile;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** How long events took, since it was last asked. Safe for many threads. */
final class Delays {
    /*
     * A publisher that waits for its answer publishes nothing meanwhile, so a stall of three seconds would be
     * one slow event among hundreds. Each delay counts as often as events were due in it.
     */
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);
    private static final int DIGITS = 2;

    private final long intervalMicros;
    private Histogram histogram = empty(); // guarded by this

    /**
     * @param interval how often an event is due
     */
    Delays(Duration interval) {
        this.intervalMicros = TimeUnit.NANOSECONDS.toMicros(interval.toNanos());
    }

    private static Histogram empty() {
        return new Histogram(LONGEST_MICROS, DIGITS);
    }

    synchronized void add(long nanos) {
        long micros = Math.clamp(TimeUnit.NANOSECONDS.toMicros(nanos), 1, LONGEST_MICROS);
        histogram.recordValueWithExpectedInterval(micros, intervalMicros);
    }

    /** {@return the delay that 99 of 100 events stayed below; starts anew} */
    synchronized Duration takeP99() {
        Histogram done = histogram;
        histogram = empty();
        return Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(done.getValueAtPercentile(99)));
    }
}
