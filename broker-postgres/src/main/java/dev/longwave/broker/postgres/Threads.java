package dev.longwave.broker.postgres;

import java.time.Duration;

/** The end of the broker's own threads. */
final class Threads {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private Threads() {}

    /** Interrupts a thread, and waits for its end unless it is the caller. Keeps the interrupt. */
    static void end(Thread thread) {
        thread.interrupt();
        if (thread.equals(Thread.currentThread()) || thread.getState() == Thread.State.NEW) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException _) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
