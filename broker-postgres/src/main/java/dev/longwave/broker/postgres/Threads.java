package dev.longwave.broker.postgres;

import java.time.Duration;

/** Stops the broker's threads. */
final class Threads {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private Threads() {}

    /**
     * Interrupts a thread, and waits for its end unless it is the caller. Keeps the interrupt flag.
     */
    static void stop(Thread thread) {
        thread.interrupt();
        if (thread.equals(Thread.currentThread()) || thread.getState() == Thread.State.NEW) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            thread.join(TIMEOUT);
        } catch (InterruptedException _) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
