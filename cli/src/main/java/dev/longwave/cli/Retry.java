package dev.longwave.cli;

import dev.longwave.broker.Durations;
import dev.longwave.cli.Outcome.Failed;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * Tries a request again until the server says yes or no, or for as long as told, and tells the
 * person at the terminal so.
 *
 * @param timeout how long after the first failure the last attempt is made; {@link #FOREVER} for no
 *     end
 * @param timing the clock, the waiting and the jitter
 * @param terminal where people are told
 */
record Retry(Duration timeout, Timing timing, Terminal terminal) {

    static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

    private static final Duration FIRST_DELAY = Duration.ofMillis(100);
    private static final Duration REMINDER = Duration.ofMinutes(1);

    /** One attempt at a request. */
    @FunctionalInterface
    interface Attempt {
        Outcome make() throws InterruptedException;
    }

    /** {@return what became of {@code attempt}; a failure is the last one} */
    Outcome run(Attempt attempt) throws InterruptedException {
        Outcome outcome = attempt.make();
        var backoff = new Backoff(timing.random());
        long since = timing.nanoTime().getAsLong();
        Duration told = Duration.ZERO;
        boolean waited = false;
        while (outcome instanceof Failed(String reason, Duration retryAfter)) {
            Duration spent = Duration.ofNanos(timing.nanoTime().getAsLong() - since);
            Duration left = timeout.minus(spent);
            if (!left.isPositive()) {
                return outcome;
            }
            if (!waited) {
                terminal.say(reason + "; trying again" + limit());
            } else if (spent.minus(told).compareTo(REMINDER) >= 0) {
                told = spent;
                terminal.say(
                        "still trying after %s: %s"
                                .formatted(
                                        Durations.text(spent.truncatedTo(ChronoUnit.SECONDS)),
                                        reason));
            }
            waited = true;
            Duration delay = longer(backoff.next(FIRST_DELAY), retryAfter);
            timing.pause().pause(delay.compareTo(left) < 0 ? delay : left);
            outcome = attempt.make();
        }
        if (waited) {
            terminal.say("the server answers again");
        }
        return outcome;
    }

    private String limit() {
        return timeout.equals(FOREVER) ? "" : " for up to " + Durations.text(timeout);
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }
}
