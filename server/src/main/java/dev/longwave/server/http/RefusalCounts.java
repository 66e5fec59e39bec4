package dev.longwave.server.http;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** Counts what clients were refused, by the rule that they broke. Safe for many threads. */
public final class RefusalCounts implements Consumer<Problem> {

    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>(); // rules are few

    @Override
    public void accept(Problem problem) {
        counts.computeIfAbsent(problem.rule(), _ -> new LongAdder()).increment();
    }

    /** {@return how often each rule was broken, of those that were} */
    public Map<String, Long> totals() {
        Map<String, Long> totals = new HashMap<>();
        counts.forEach((rule, count) -> totals.put(rule, count.sum()));
        return totals;
    }
}
