package dev.longwave.core;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Counts the events that reached a reader. JMH shows the counter in the benchmark's own mode and
 * unit: with {@code -bm thrpt -tu s}, deliveries per second; with {@code -bm avgt -tu ns},
 * nanoseconds per delivery.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Deliveries {
    public long deliveries;
}
