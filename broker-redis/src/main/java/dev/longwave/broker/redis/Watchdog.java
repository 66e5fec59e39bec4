package dev.longwave.broker.redis;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Breaks connections that are used for too long at a time. Safe for many threads. */
final class Watchdog implements AutoCloseable {
    /*
     * A socket has a time-out to read, but none to write: where nobody takes what is written, the
     * writer waits for as long as the other machine's kernel answers, or for minutes if nobody does.
     * So a thread looks at all uses of connections, several times within a time-out, and closes the
     * sockets of those that are late.
     *
     * Whoever removes a use has it: its user, who then knows that it was in time, or the thread,
     * which then breaks the connection.
     *
     * Closing: the thread goes on until no use is left. It looks at `closing` before it looks for
     * uses, and who adds one looks at `closing` afterwards: so none is left alone.
     */
    private static final int LOOKS = 10; // within a time-out
    private static final long LONGEST_PERIOD_MILLIS = 100;

    private final Duration timeout;
    private final long periodMillis;
    private final Set<Use> uses = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    Watchdog(Duration timeout) {
        this.timeout = timeout;
        this.periodMillis = Math.min(timeout.toMillis() / LOOKS, LONGEST_PERIOD_MILLIS);
        this.thread =
                Thread.ofPlatform().daemon().name("longwave-redis-watchdog").unstarted(this::watch);
    }

    void start() {
        thread.start();
    }

    /** {@return when something that begins now is late, by {@link System#nanoTime}} */
    long due() {
        return System.nanoTime() + timeout.toNanos();
    }

    /** Breaks {@code link} unless what is returned is closed by {@code due}. */
    Use watch(Link link, long due) {
        var use = new Use(link, due);
        uses.add(use);
        if (closing.getCount() == 0) {
            link.abort();
        }
        return use;
    }

    /** Lets what is running come to its end, and does not wait for that. */
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
            Thread.currentThread().interrupt(); // nobody does; and then the thread ends
        }
    }

    private void breakLate() {
        long now = System.nanoTime();
        for (Use use : uses) {
            if (now - use.due >= 0 && use.end()) {
                use.link.abort();
            }
        }
    }

    /** One use of a connection, by one thread. */
    final class Use implements AutoCloseable {

        private final Link link;
        private final long due;
        private boolean late; // set by the user

        private Use(Link link, long due) {
            this.link = link;
            this.due = due;
        }

        /** Ends it. */
        @Override
        public void close() {
            late = !end();
        }

        /** {@return whether it was not ended before, by another thread} */
        private boolean end() {
            return uses.remove(this);
        }

        /** {@return whether the connection was broken for it, known once it is closed} */
        boolean isLate() {
            return late;
        }
    }
}
