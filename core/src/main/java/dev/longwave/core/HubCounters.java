package dev.longwave.core;

import dev.longwave.broker.GapReason;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts what happens on one node, since it started. Safe for many threads. */
final class HubCounters {

    private final LongAdder events = new LongAdder();
    private final LongAdder lapped = new LongAdder();
    private final LongAdder historyPages = new LongAdder();
    private final Map<GapReason, LongAdder> gaps = new EnumMap<>(GapReason.class); // filled once

    HubCounters() {
        for (GapReason reason : GapReason.values()) {
            gaps.put(reason, new LongAdder());
        }
    }

    /** An event has arrived from the broker. */
    void event() {
        events.increment();
    }

    /** A subscriber is told of a gap. */
    void gap(GapReason reason) {
        LongAdder count = gaps.get(reason);
        if (count != null) {
            count.increment();
        }
    }

    /** A subscriber was so slow that the topic's log no longer has its next event. */
    void lapped() {
        lapped.increment();
    }

    /** A page of history was read for a subscriber. */
    void historyPage() {
        historyPages.increment();
    }

    long events() {
        return events.sum();
    }

    long gaps() {
        return gaps.values().stream().mapToLong(LongAdder::sum).sum();
    }

    Map<GapReason, Long> gapsByReason() {
        Map<GapReason, Long> counts = new EnumMap<>(GapReason.class);
        gaps.forEach((reason, count) -> counts.put(reason, count.sum()));
        return counts;
    }

    long lappedReaders() {
        return lapped.sum();
    }

    long historyPages() {
        return historyPages.sum();
    }
}
