package dev.longwave.broker;

import java.time.Instant;

/** Where in a topic's log to begin reading. */
public sealed interface Start {

    /** With the oldest entry that the log still has. */
    record Earliest() implements Start {}

    /**
     * With the entry that follows {@code position}. The position need not be that of an entry: the
     * one before the first entry, as {@link Broker.Subscription#start()} gives for an empty topic,
     * is one too.
     */
    record After(Position position) implements Start {}

    /** With the first entry accepted at {@code time} or later. */
    record Since(Instant time) implements Start {}

    /**
     * With the {@code count}th entry from the end.
     *
     * @param count 1 or more; with fewer entries than that in the log, the same as {@link Earliest}
     */
    record Last(int count) implements Start {
        public Last {
            if (count < 1) {
                throw new IllegalArgumentException("last needs a count count=" + count + " min=1");
            }
        }
    }
}
