package dev.longwave.broker.redis;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import redis.clients.jedis.exceptions.JedisException;

/** Looks every second, and on suspicion, which servers are the primaries. Safe for many threads. */
final class Topology implements AutoCloseable {
    /*
     * A thread that was redirected looks itself, as it cannot go on otherwise; but what follows from
     * a change, such as subscribing elsewhere, is always done by the one thread here.
     */
    private static final Logger LOGGER = System.getLogger(Topology.class.getName());

    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final long LEAST_MILLIS_BETWEEN = 50;
    private static final long LEAST_NANOS_BETWEEN =
            TimeUnit.MILLISECONDS.toNanos(LEAST_MILLIS_BETWEEN);
    private static final int CLOSE_TIMEOUT_MILLIS = 10_000;

    private final Primaries primaries;
    private final Runnable onChange;
    private final Thread thread;
    private final Semaphore wake = new Semaphore(0);
    private final AtomicBoolean changed = new AtomicBoolean();
    private volatile boolean closed;
    private long lookedAt = System.nanoTime() - LEAST_NANOS_BETWEEN; // guarded by this

    /**
     * Not started yet.
     *
     * @param onChange called by the thread after a change
     */
    Topology(Primaries primaries, Runnable onChange) {
        this.primaries = primaries;
        this.onChange = onChange;
        this.thread = Thread.ofVirtual().name("longwave-redis-topology").unstarted(this::watch);
    }

    void start() {
        thread.start();
    }

    /** Looks soon. */
    void suspect() {
        wake.release();
    }

    /** A primary turned out to be none: what depends on it is to be done over. */
    void changed() {
        changed.set(true);
        wake.release();
    }

    /** Looks now, unless that was done a moment ago. */
    synchronized void look() {
        if (System.nanoTime() - lookedAt < LEAST_NANOS_BETWEEN) {
            return;
        }
        try {
            if (primaries.look()) {
                LOGGER.log(Level.INFO, "another server is the primary, or of other slots");
                changed();
            }
        } catch (JedisException e) {
            LOGGER.log(Level.DEBUG, "nobody knows the primaries", e);
        }
        lookedAt = System.nanoTime();
    }

    private void watch() {
        try {
            while (!closed) {
                var _ = wake.tryAcquire(PERIOD.toMillis(), TimeUnit.MILLISECONDS);
                wake.drainPermits();
                if (closed) {
                    return;
                }
                try {
                    look();
                    if (changed.getAndSet(false)) {
                        onChange.run();
                        TimeUnit.MILLISECONDS.sleep(LEAST_MILLIS_BETWEEN);
                    }
                } catch (RuntimeException e) { // the next look may succeed
                    LOGGER.log(Level.WARNING, "cannot follow the primaries", e);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // nobody interrupts this thread; if so, it ends
        }
    }

    @Override
    public void close() {
        closed = true;
        wake.release();
        boolean interrupted = Thread.interrupted();
        if (thread != Thread.currentThread()) {
            try {
                thread.join(CLOSE_TIMEOUT_MILLIS);
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
