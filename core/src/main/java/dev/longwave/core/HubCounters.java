package dev.longwave.core;

import java.util.concurrent.atomic.LongAdder;

/** Counts what happens on one node, since it started. Safe for many threads. */
final class HubCounters {

    private final LongAdder events = new LongAdder();
    private final LongAdder gaps = new LongAdder();

    /** An event has arrived from the broker. */
    void event() {
        events.increment();
    }

    /** A subscriber is told of a gap. */
    void gap() {
        gaps.increment();
    }

    long events() {
        return events.sum();
    }

    long gaps() {
        return gaps.sum();
    }
}
