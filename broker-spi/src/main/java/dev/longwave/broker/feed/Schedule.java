package dev.longwave.broker.feed;

import java.time.Duration;

/** The feed's threads and its time: real ones, or those that a test moves by hand. */
interface Schedule {

    /** {@return the time as {@link System#nanoTime()} tells it} */
    long nanos();

    /** Runs {@code work} after {@code delay} in the thread of checks, one after another. */
    void check(Duration delay, Runnable work);

    /** Runs {@code work} after {@code delay} in one of the few threads that read logs. */
    void fill(Duration delay, Runnable work);

    /** Ends all of it: what has not begun is dropped, what runs is interrupted. */
    void close(boolean await);
}
