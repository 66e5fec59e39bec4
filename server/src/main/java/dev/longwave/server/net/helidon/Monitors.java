package dev.longwave.server.net.helidon;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits on monitors, within a deadline. */
final class Monitors {

    private Monitors() {}

    /**
     * Waits until {@code condition} holds, for {@code millis} at most, or until the thread is
     * interrupted, which it stays. The caller must own {@code monitor}, which must be notified when
     * the condition may have come to hold.
     *
     * @return whether it holds
     */
    static boolean await(Object monitor, long millis, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try {
            long left;
            while (!condition.getAsBoolean() && (left = deadline - System.nanoTime()) > 0) {
                TimeUnit.NANOSECONDS.timedWait(monitor, left);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return condition.getAsBoolean();
    }
}
