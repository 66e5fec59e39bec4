package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Finds out whether a notification that this node sends comes back to it. */
final class Echo {
    /*
     * A pooler in transaction mode accepts LISTEN, and leaves it to a connection that others use next. The server and the
     * pooler answer as ever, and no notification arrives.
     */
    private static final char MARK = '?';
    private static final int RADIX = 36;
    private static final int ATTEMPTS = 4;

    private final Notifier notifier;
    private volatile String expected = "";
    private volatile CountDownLatch arrival = new CountDownLatch(1);

    Echo(Notifier notifier) {
        this.notifier = notifier;
    }

    static boolean isOne(String payload) {
        return !payload.isEmpty() && payload.charAt(0) == MARK;
    }

    /** Takes a notification. */
    void arrived(String payload) {
        if (payload.equals(expected)) {
            arrival.countDown();
        }
    }

    /**
     * {@return whether a notification arrives} One caller at a time.
     *
     * @param time how long to wait for it
     * @throws BrokerException if it cannot be sent
     */
    boolean comesBack(Duration time) throws InterruptedException {
        var latch = new CountDownLatch(1);
        arrival = latch;
        String payload =
                MARK + Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), RADIX);
        expected = payload;
        for (int i = 0; i < ATTEMPTS; i++) {
            notifier.send("send a notification", List.of(payload));
            if (latch.await(time.toNanos() / ATTEMPTS, TimeUnit.NANOSECONDS)) {
                return true;
            }
        }
        return false;
    }
}
