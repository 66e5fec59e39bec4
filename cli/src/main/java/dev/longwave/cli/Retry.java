package dev.longwave.cli;

import dev.longwave.cli.Outcome.Failed;
import java.time.Duration;

/**
 * Tries a request again until the server says yes or no, or for as long as told.
 *
 * @param timeout how long after the first failure the last attempt is made
 * @param timing the clock, the waiting and the jitter
 */
record Retry(Duration timeout, Timing timing) {

    private static final Duration FIRST_DELAY = Duration.ofMillis(100);

    /** One attempt at a request. */
    @FunctionalInterface
    interface Attempt {
        Outcome make() throws InterruptedException;
    }

    /**
     * {@return what became of {@code first}, or else of {@code again}; a failure is the last one}
     */
    Outcome run(Attempt first, Attempt again) throws InterruptedException {
        Outcome outcome = first.make();
        var backoff = new Backoff(timing.random());
        long since = timing.nanoTime().getAsLong();
        while (outcome instanceof Failed(_, Duration retryAfter)) {
            Duration spent = Duration.ofNanos(timing.nanoTime().getAsLong() - since);
            Duration left = timeout.minus(spent);
            if (!left.isPositive()) {
                return outcome;
            }
            Duration delay = longer(backoff.next(FIRST_DELAY), retryAfter);
            timing.pause().pause(delay.compareTo(left) < 0 ? delay : left);
            outcome = again.make();
        }
        return outcome;
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }
}
