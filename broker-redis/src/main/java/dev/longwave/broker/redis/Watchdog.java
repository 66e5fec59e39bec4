package dev.longwave.broker.redis;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Breaks connections whose use exceeds the time-out. Safe for many threads. */
final class Watchdog implements AutoCloseable {
    /*
     * A socket has a time-out for reads but none for writes: if the peer does not read, a writer
     * blocks for as long as the peer's kernel answers, and for minutes if nothing does. A thread
     * therefore checks all uses of connections several times per time-out, and closes the sockets
     * of those past their deadline.
     *
     * Removing a use decides the race: either its user removes it, and knows that it was in time,
     * or the thread does, and then breaks the connection.
     *
     * Closing: the thread runs until no use is left. It reads `closing` before it looks for uses,
     * and a thread that adds a use reads `closing` afterwards, so that no use goes unwatched.
     */
    private static final int CHECKS_PER_TIMEOUT = 10;
    private static final long LONGEST_PERIOD_MILLIS = 100;

    private final Duration timeout;
    private final long periodMillis;
    private final Set<Use> uses = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    Watchdog(Duration timeout) {
        this.timeout = timeout;
        this.periodMillis =
                Math.min(timeout.toMillis() / CHECKS_PER_TIMEOUT, LONGEST_PERIOD_MILLIS);
        this.thread =
                Thread.ofPlatform().daemon().name("longwave-redis-watchdog").unstarted(this::watch);
    }

    void start() {
        thread.start();
    }

    /** {@return the deadline of a use that begins now, on the clock of {@link System#nanoTime}} */
    long deadline() {
        return System.nanoTime() + timeout.toNanos();
    }

    /** Breaks {@code connection} unless the returned use is closed by {@code deadline}. */
    Use watch(RedisConnection connection, long deadline) {
        var use = new Use(connection, deadline);
        uses.add(use);
        if (closing.getCount() == 0) {
            connection.abort();
        }
        return use;
    }

    /** Lets running uses finish, and does not wait for them. */
    @Override
    public void close() {
        closing.countDown();
    }

    private void watch() {
        try {
            while (!closing.await(periodMillis, TimeUnit.MILLISECONDS)) {
                breakLate();
            }
            while (!uses.isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(periodMillis);
                breakLate();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // nobody interrupts this thread; if so, it ends
        }
    }

    private void breakLate() {
        long now = System.nanoTime();
        for (Use use : uses) {
            if (now - use.deadline >= 0 && use.end()) {
                use.connection.abort();
            }
        }
    }

    /** One use of a connection by one thread. */
    final class Use implements AutoCloseable {

        private final RedisConnection connection;
        private final long deadline;
        private boolean late; // written and read by the using thread

        private Use(RedisConnection connection, long deadline) {
            this.connection = connection;
            this.deadline = deadline;
        }

        /** Ends the use. */
        @Override
        public void close() {
            late = !end();
        }

        /** {@return whether this call ended the use, rather than another thread} */
        private boolean end() {
            return uses.remove(this);
        }

        /** {@return whether the connection was broken because of this use; valid once closed} */
        boolean isLate() {
            return late;
        }
    }
}
