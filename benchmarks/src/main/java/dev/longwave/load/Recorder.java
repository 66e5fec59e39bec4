package dev.longwave.load;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Counts deliveries, and times those of the events that were due while it measures. */
final class Recorder {
    private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);

    private final Histogram micros = new Histogram(LONGEST_MICROS, 3);
    private long measuredFrom = Long.MAX_VALUE;
    private long measuredTo = Long.MAX_VALUE;
    private long published;
    private long delivered;
    private long expected;
    private long measuredPublished;
    private long measuredExpected;
    private long repeated;
    private long reordered;
    private long foreign;
    private long comments;

    void measureFrom(long time) {
        measuredFrom = time;
    }

    void measureTo(long time) {
        measuredTo = time;
    }

    void published(long dueAt, int subscribers) {
        published++;
        expected += subscribers;
        if (isMeasured(dueAt)) {
            measuredPublished++;
            measuredExpected += subscribers;
        }
    }

    void delivered(long dueAt, long arrivedAt) {
        delivered++;
        if (isMeasured(dueAt)) {
            long latency = Math.max(0, TimeUnit.NANOSECONDS.toMicros(arrivedAt - dueAt));
            micros.recordValue(Math.min(LONGEST_MICROS, latency));
        }
    }

    void repeated() {
        repeated++;
    }

    void reordered() {
        reordered++;
    }

    void foreign() {
        foreign++;
    }

    void comment() {
        comments++;
    }

    private boolean isMeasured(long dueAt) {
        return dueAt >= measuredFrom && dueAt < measuredTo;
    }

    /** {@return how many deliveries there were so far, measured or not} */
    long delivered() {
        return delivered;
    }

    long published() {
        return published;
    }

    /** {@return whether somebody still waits for an event} */
    boolean isWaiting() {
        return delivered < expected;
    }

    long measuredPublished() {
        return measuredPublished;
    }

    /** {@return deliveries of measured events that have not come} */
    long missing() {
        return measuredExpected - micros.getTotalCount();
    }

    long repeatedDeliveries() {
        return repeated;
    }

    long reorderedDeliveries() {
        return reordered;
    }

    long foreignLines() {
        return foreign;
    }

    /** {@return how many comments there were so far; a server's heartbeats are comments} */
    long comments() {
        return comments;
    }

    /** {@return the latencies in microseconds} */
    Histogram micros() {
        return micros;
    }
}
