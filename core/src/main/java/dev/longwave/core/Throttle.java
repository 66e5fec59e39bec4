package dev.longwave.core;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keeps one thread from waking virtual threads much faster than they can run. For that thread. */
final class Throttle {
    /*
     * Virtual threads run in the order in which they were woken. If a broadcast woke a hundred thousand at
     * once, everything else that needs one (a request, another topic's stream) would wait for all of them.
     * So after each slice of wake-ups the throttle starts one more virtual thread, which does nothing: when
     * it runs, the slice has run. The next slice may be woken while one is under way, or processors would
     * fall idle.
     */

    /** How many threads are woken before a slice is closed: on one core, some 2 ms of work. */
    static final int SLICE = 128;

    /** If no carrier thread becomes free for this long, waiting for one helps nobody. */
    private static final Duration TIMEOUT = Duration.ofMillis(100);

    private final Duration timeout;
    private int woken;
    private @Nullable CountDownLatch underWay;

    Throttle() {
        this(TIMEOUT);
    }

    Throttle(Duration timeout) {
        this.timeout = timeout;
    }

    /** A thread was woken. Waits if too many that were woken have not run yet. */
    void woke() throws InterruptedException {
        if (++woken < SLICE) {
            return;
        }
        woken = 0;
        CountDownLatch before = underWay;
        var slice = new CountDownLatch(1);
        underWay = slice;
        var _ = Thread.ofVirtual().name("longwave-fan-out-throttle").start(slice::countDown);
        if (before != null) {
            var _ = before.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
