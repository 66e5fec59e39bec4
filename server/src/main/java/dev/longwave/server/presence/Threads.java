package dev.longwave.server.presence;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of presence: one changes the views and tells listeners, and does not wait for
 * anything; one writes this node's leases; one reads those of all nodes.
 */
final class Threads implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(Threads.class.getName());

    private final ScheduledThreadPoolExecutor views = thread("longwave-presence");
    private final ScheduledThreadPoolExecutor writer = thread("longwave-presence-writer");
    private final ScheduledThreadPoolExecutor reader = thread("longwave-presence-reader");

    private static ScheduledThreadPoolExecutor thread(String name) {
        return new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name(name).factory());
    }

    Executor views() {
        return task -> execute(views, task);
    }

    Executor writer() {
        return task -> execute(writer, task);
    }

    Executor reader() {
        return task -> execute(reader, task);
    }

    private static void execute(Executor thread, Runnable task) {
        try {
            thread.execute(logged(task));
        } catch (RejectedExecutionException _) {
            LOGGER.log(System.Logger.Level.TRACE, "the server stops");
        }
    }

    void repeatOnViews(Runnable task, Duration period) {
        repeat(views, task, period);
    }

    void repeatOnWriter(Runnable task, Duration period) {
        repeat(writer, task, period);
    }

    void repeatOnReader(Runnable task, Duration period) {
        repeat(reader, task, period);
    }

    private static void repeat(ScheduledThreadPoolExecutor thread, Runnable task, Duration period) {
        long nanos = period.toNanos();
        var _ = thread.scheduleWithFixedDelay(logged(task), nanos, nanos, TimeUnit.NANOSECONDS);
    }

    /** An executor would never run it again if it threw. */
    private static Runnable logged(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.ERROR, "a task of presence failed", e);
            }
        };
    }

    /** Lets the writer finish what it has to do, for a moment, and stops all threads. */
    @Override
    public void close() {
        reader.shutdownNow();
        writer.shutdown();
        try {
            if (!writer.awaitTermination(2, TimeUnit.SECONDS)) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "the members of this node could not be removed; their leases expire");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        writer.shutdownNow();
        views.shutdownNow();
    }
}
