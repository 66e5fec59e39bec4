package dev.longwave.broker.feed;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads of one feed, however many topics it has. */
final class FeedThreads implements Schedule {
    /*
     * A fixed number of threads reads logs. After an outage all topics must be read at once, and this
     * number protects servers that have just come back. A topic reads one page and goes to the end of
     * the queue, so that a long one does not delay the others. A read that blocks occupies its thread
     * for the broker's timeout. The queues hold at most one fill and one unlistening for each topic,
     * and a few fills that were overtaken.
     *
     * Checks have their own thread, so that an outage is noticed while all other threads are blocked
     * by it. All threads are virtual, as they mostly wait.
     */
    private static final Logger LOGGER = System.getLogger(FeedThreads.class.getName());

    private static final int FILLERS = 8;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final ScheduledThreadPoolExecutor checker = threads(1, "longwave-feed-check-");
    private final ScheduledThreadPoolExecutor fillers = threads(FILLERS, "longwave-feed-fill-");

    private static ScheduledThreadPoolExecutor threads(int count, String name) {
        var factory = Thread.ofVirtual().name(name, 1).factory();
        // Work that is queued after the end is dropped.
        return new ScheduledThreadPoolExecutor(
                count, factory, new ThreadPoolExecutor.DiscardPolicy());
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public void check(Duration delay, Runnable work) {
        run(checker, delay, work);
    }

    @Override
    public void fill(Duration delay, Runnable work) {
        run(fillers, delay, work);
    }

    private static void run(ScheduledThreadPoolExecutor threads, Duration delay, Runnable work) {
        var _ = threads.schedule(() -> guarded(work), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static void guarded(Runnable work) {
        try {
            work.run();
        } catch (Throwable e) { // nobody looks at the future
            LOGGER.log(Level.ERROR, "the feed failed", e);
        }
    }

    @Override
    public void close(boolean await) {
        checker.shutdownNow();
        fillers.shutdownNow();
        if (!await) {
            return;
        }
        try {
            boolean ended =
                    checker.awaitTermination(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                            && fillers.awaitTermination(
                                    CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            if (!ended) {
                LOGGER.log(Level.WARNING, "a thread that reads the broker's log does not end");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // they end without being waited for
        }
    }
}
