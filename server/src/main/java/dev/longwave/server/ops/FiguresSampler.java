package dev.longwave.server.ops;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes samples of a node's figures: at regular intervals while at least one client watches, and
 * otherwise on request. Safe for many threads.
 */
public final class FiguresSampler implements AutoCloseable {
    /*
     * All mutable fields are guarded by `lock`; the source of the figures is read outside of it. The thread starts
     * with the first watch and ends with the last one: it runs as long as `ticker` refers to it.
     */
    private static final System.Logger LOGGER = System.getLogger(FiguresSampler.class.getName());

    /** Rates over a longer span would say little about the present. */
    private static final Duration LONGEST_SPAN = Duration.ofSeconds(10);

    private final Supplier<NodeFigures> source;
    private final InstantSource clock;
    private final Duration interval;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition sampled = lock.newCondition();
    private final Condition tickerChanged = lock.newCondition();
    private @Nullable FiguresSample latest;
    private @Nullable Thread ticker;
    private int watches;
    private boolean closed;

    /**
     * A sampler without watches.
     *
     * @param source reads the figures; called by any thread, must not block
     * @param interval the time between two samples while a client watches
     */
    public FiguresSampler(Supplier<NodeFigures> source, InstantSource clock, Duration interval) {
        this.source = source;
        this.clock = clock;
        this.interval = interval;
    }

    /** One client's view of the samples, to be closed by the client's thread. For one thread. */
    final class Watch implements AutoCloseable {

        private long seen;

        private Watch() {}

        /**
         * {@return the next sample, the first time without waiting; empty when the sampler is
         * closed}
         *
         * @throws InterruptedException if the thread is interrupted while it waits
         */
        Optional<FiguresSample> next() throws InterruptedException {
            Optional<FiguresSample> next =
                    seen == 0 && !closed() ? Optional.of(current()) : awaitAfter(seen);
            next.ifPresent(sample -> seen = sample.number());
            return next;
        }

        @Override
        public void close() {
            watchEnded();
        }
    }

    /**
     * {@return a view of the samples that begins with the current one, or empty if {@code max}
     * clients watch already}
     */
    Optional<Watch> watch(int max) {
        lock.lock();
        try {
            if (watches >= max) {
                return Optional.empty();
            }
            watches++;
            if (ticker == null && !closed) {
                ticker =
                        Thread.ofPlatform()
                                .daemon()
                                .name("longwave-figures")
                                .start(this::tickWhileWatched);
            }
            return Optional.of(new Watch());
        } finally {
            lock.unlock();
        }
    }

    /** {@return the latest sample if it is recent, or else a new one} */
    FiguresSample current() {
        Instant now = clock.instant();
        lock.lock();
        try {
            // While there are regular samples, a request in between must not shorten the span of
            // their rates.
            Duration recent = ticker == null ? interval.dividedBy(2) : interval;
            if (latest != null && !age(now).isNegative() && age(now).compareTo(recent) < 0) {
                return latest;
            }
        } finally {
            lock.unlock();
        }
        return sample();
    }

    /** Takes a sample, and hands it to all watches. */
    FiguresSample sample() {
        Instant now = clock.instant();
        NodeFigures figures = source.get();
        lock.lock();
        try {
            FiguresSample before = latest;
            FiguresSample.Rates rates = null;
            if (before != null) {
                Duration span = age(now);
                if (span.isPositive() && span.compareTo(LONGEST_SPAN) <= 0) {
                    rates = FiguresSample.Rates.between(before.figures(), figures, span);
                }
            }
            latest =
                    new FiguresSample(
                            before == null ? 1 : before.number() + 1, now, figures, rates);
            sampled.signalAll();
            return latest;
        } finally {
            lock.unlock();
        }
    }

    /** Ends all watches: each receives an empty next sample. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            ticker = null;
            tickerChanged.signalAll();
            sampled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean closed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private Duration age(Instant now) {
        return latest == null ? Duration.ZERO : Duration.between(latest.time(), now);
    }

    private Optional<FiguresSample> awaitAfter(long number) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            // No limit here: if the sampler has failed, the deadline of the request ends the wait.
            while (!closed && (latest == null || latest.number() <= number)) {
                sampled.await();
            }
            return closed ? Optional.empty() : Optional.ofNullable(latest);
        } finally {
            lock.unlock();
        }
    }

    private void watchEnded() {
        lock.lock();
        try {
            watches--;
            if (watches == 0) {
                ticker = null;
                tickerChanged.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void tickWhileWatched() {
        while (awaitTick()) {
            try {
                var _ = sample();
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.ERROR, "reading the node's figures failed", e);
            }
        }
    }

    /** Waits for an interval; returns false if this thread is no longer needed. */
    private boolean awaitTick() {
        lock.lock();
        try {
            long nanos = interval.toNanos();
            while (nanos > 0 && Thread.currentThread().equals(ticker)) {
                nanos = tickerChanged.awaitNanos(nanos);
            }
            return Thread.currentThread().equals(ticker);
        } catch (InterruptedException _) {
            return false; // nobody interrupts this thread but a JVM that ends
        } finally {
            lock.unlock();
        }
    }
}
