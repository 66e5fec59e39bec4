package dev.longwave.server.centrifuge;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Does things later that take no time. One thread for all connections. */
final class Timers implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(Timers.class.getName());

    private final ScheduledThreadPoolExecutor executor =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon().name("longwave-centrifuge-timers").factory());

    Timers() {
        executor.setRemoveOnCancelPolicy(true); // or what has ended would stay until then
    }

    /** {@return what cancels it} */
    Future<?> after(Duration delay, Runnable action) {
        return executor.schedule(
                () -> {
                    try {
                        action.run();
                    } catch (RuntimeException e) {
                        LOGGER.log(System.Logger.Level.ERROR, "a timer failed", e);
                    }
                },
                Math.max(0, delay.toMillis()),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
