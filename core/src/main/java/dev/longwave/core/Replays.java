package dev.longwave.core;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Page;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Bounds how many pages of history are read for subscribers at the same time: after a restart, all
 * clients want what they have missed at once. Safe for many threads.
 */
final class Replays {

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final int max;
    private final Duration deadline;
    private final Semaphore free;

    Replays(int max) {
        this(max, DEADLINE);
    }

    /**
     * @param deadline how long a reader waits for its turn
     */
    Replays(int max, Duration deadline) {
        this.max = max;
        this.deadline = deadline;
        this.free = new Semaphore(max, true); // first come, first served
    }

    /**
     * {@return the page that {@code reading} reads, once it is this reader's turn}
     *
     * @throws BrokerUnavailableException if that takes too long, or {@code reading} throws it
     */
    Page read(Supplier<Page> reading) {
        await();
        try {
            return reading.get();
        } finally {
            free.release();
        }
    }

    private void await() {
        try {
            if (!free.tryAcquire(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new BrokerUnavailableException(
                        "too many readers of history before this one max=%d waited=%s"
                                .formatted(max, deadline));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while waiting to read history", e);
        }
    }

    /** {@return how many pages are being read} */
    int running() {
        return max - free.availablePermits();
    }

    /** {@return how many readers wait for their turn, about} */
    int waiting() {
        return free.getQueueLength();
    }
}
