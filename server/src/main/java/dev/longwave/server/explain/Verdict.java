package dev.longwave.server.explain;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of an event on one stream.
 *
 * @param outcome the outcome
 * @param detail why, in a sentence
 * @param between when it was delivered, or the client was told of the gap; null for neither
 * @param replayed whether it was read from the broker's history, not from this node's log
 */
record Verdict(Outcome outcome, String detail, @Nullable Span between, boolean replayed) {

    /** A time that is known within bounds. */
    record Span(Instant from, Instant to) {}

    static Verdict of(Outcome outcome, String detail) {
        return new Verdict(outcome, detail, null, false);
    }
}
