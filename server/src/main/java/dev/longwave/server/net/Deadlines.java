package dev.longwave.server.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Ends what waits for a client that makes no progress: each blocked write, and each awaited part of
 * a request. For a write, progress is bytes that move, however few; for a request, it is what its
 * reader takes for progress. Safe for many threads.
 */
public final class Deadlines implements AutoCloseable {
    /*
     * One thread looks at all waits, some times within the shortest deadline; so a wait ends up to an eighth
     * of that late. A wait has no timer of its own: beginning one, and noting progress, is one store.
     *
     * `since` is written by the waiting thread and read by the other one, which needs to know it only roughly:
     * opaque access is enough. A wait that ends, or makes progress, at the moment when it expires is expired
     * nevertheless, as its client had no claim to more time.
     *
     * Only the time that is spent waiting counts, not what the server does in between: `since` is put back
     * by what was spent before.
     */
    private static final int CHECKS = 8; // within the shortest deadline
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(5);
    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(5);
    private static final System.Logger LOGGER = System.getLogger(Deadlines.class.getName());

    private final Limits limits;
    private final LongSupplier nanoTime;
    private final Set<Wait> waits = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService checker =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("longwave-deadlines").factory());

    /**
     * How long a client may make no progress.
     *
     * @param idle while it has no request under way
     * @param read while a part of its request is awaited
     * @param readBytes how many bytes of a request's body are progress, 1 or more
     * @param write while it is written to
     */
    public record Limits(Duration idle, Duration read, int readBytes, Duration write) {

        private Duration shortest() {
            Duration shorter = read.compareTo(write) < 0 ? read : write;
            return idle.compareTo(shorter) < 0 ? idle : shorter;
        }
    }

    /**
     * A thread's waits for one client, one after the other. They add up, until there is progress.
     */
    public final class Wait implements AutoCloseable {
        private static final long NOT_WAITING = 0;
        private static final VarHandle SINCE;

        static {
            try {
                SINCE = MethodHandles.lookup().findVarHandle(Wait.class, "since", long.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final LongSupplier limitNanos;
        private final Runnable expire;

        @SuppressWarnings("UnusedVariable") // by SINCE
        private long since = NOT_WAITING;

        private long began; // for the waiting thread, as is spent
        private long spent;

        private Wait(LongSupplier limitNanos, Runnable expire) {
            this.limitNanos = limitNanos;
            this.expire = expire;
        }

        /** A wait begins. For the waiting thread. */
        public void begin() {
            began = nanoTime.getAsLong() - spent;
            SINCE.setOpaque(this, began | 1);
        }

        /** A wait is over, which need not be progress. For the waiting thread. */
        public void end() {
            SINCE.setOpaque(this, NOT_WAITING);
            spent = nanoTime.getAsLong() - began;
        }

        /** The client made progress: what was spent waiting for it is forgotten. Between waits. */
        public void progress() {
            spent = 0;
        }

        private void check(long now) {
            long waiting = (long) SINCE.getOpaque(this);
            if (waiting != NOT_WAITING && now - waiting >= limitNanos.getAsLong()) {
                SINCE.setOpaque(this, NOT_WAITING);
                expire.run();
            }
        }

        /** Ends all of them. */
        @Override
        public void close() {
            waits.remove(this);
        }
    }

    /** Deadlines of these lengths. */
    public Deadlines(Limits limits) {
        this(limits, System::nanoTime);
        Duration interval = limits.shortest().dividedBy(CHECKS);
        long nanos =
                Math.clamp(
                        interval.toNanos(),
                        SHORTEST_INTERVAL.toNanos(),
                        LONGEST_INTERVAL.toNanos());
        var _ = checker.scheduleAtFixedRate(this::check, nanos, nanos, TimeUnit.NANOSECONDS);
    }

    /** For tests: nothing is checked but by {@link #check()}. */
    Deadlines(Limits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    /** {@return how long clients may make no progress} */
    public Limits limits() {
        return limits;
    }

    /**
     * Waits for a client to read.
     *
     * @param expire ends a wait that takes too long; must not block
     */
    Wait writes(Runnable expire) {
        long write = limits.write().toNanos();
        return wait(() -> write, expire);
    }

    /**
     * Waits for a client to send something.
     *
     * @param limitNanos how long such a wait may take, asked each time it is checked
     * @param expire ends a wait that takes too long; must not block
     */
    public Wait wait(LongSupplier limitNanos, Runnable expire) {
        var wait = new Wait(limitNanos, expire);
        waits.add(wait);
        return wait;
    }

    void check() {
        long now = nanoTime.getAsLong();
        for (Wait wait : waits) {
            try {
                wait.check(now);
            } catch (RuntimeException | Error e) {
                // All others need this thread, which would not run again.
                LOGGER.log(System.Logger.Level.WARNING, "ending a wait failed", e);
            }
        }
    }

    @Override
    public void close() {
        checker.shutdownNow();
    }
}
