package dev.longwave.broker.memory;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Position;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Delivers the entries of a log to its subscribers: one at a time, in order, in the threads of the
 * publishers.
 *
 * <p>Its monitor guards the log, and everything of its owner that belongs to the log. Methods
 * listed as "under the lock" are for threads that hold it; the others for threads that do not.
 */
final class Dispatcher {
    /*
     * Everything is guarded by this object's monitor, except that sinks are called outside it.
     *
     * Dispatching. Publishers append under the lock. A publisher that finds no thread dispatching
     * becomes the drainer: it takes one entry after another, with the current subscribers, under the
     * lock, and calls the sinks outside it, until `dispatched` has reached the tail; other publishers
     * leave their entries to it. So there is one call at a time and in order, without a queue or a
     * thread for it, and an entry is dispatched by its own publisher unless others publish at the same
     * time.
     *
     * Subscribing. The start position is that of `dispatched`. Later entries are taken later, and
     * with the new subscriber; earlier entries are not, as the subscribers are taken together with
     * the entry. So there is no hole and no overlap.
     *
     * Unsubscribing. Once a subscriber is off the list, only the entry that is being dispatched can
     * still reach it. The thread that removes it therefore waits until `dispatched` moves or the
     * drainer is done. The drainer itself, removing from within a sink, need not wait; the flag
     * `closed` keeps it from calling a subscriber that it has closed.
     *
     * Ephemeral messages wait in `passing`, each with the index of the last entry at that time. The
     * drainer hands one out before the entry that follows that one. So the messages of one thread keep
     * their order, and an entry waits for no more of them than there is room for.
     *
     * Falling behind. Entries that are not dispatched may not be dropped, and a publisher that finds
     * MAX_UNDELIVERED of them waits until the drainer has caught up by half: otherwise publishers that
     * are faster than the sinks would grow the log without bound. A drainer that has dispatched its
     * share passes the work on to one of the waiting publishers, so that none is kept for ever. If
     * nothing moves for STUCK_NANOS, a sink is blocked: publishers stop waiting until something moves,
     * any entry may be dropped, and the subscribers are told of the hole.
     * The oldest ephemeral messages are dropped where there is no room. If that happens throughout
     * a drainer's second share, it drops all of them, as nobody waits to take over from it.
     */
    private static final Logger LOGGER = System.getLogger(Dispatcher.class.getName());

    static final int MAX_UNDELIVERED = 1024;
    private static final int SHARE = 256;
    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final Subscriber[] NONE = {};

    private final String name;
    private final EntryLog log;
    private final boolean keeps;
    private Subscriber[] subscribers = NONE; // replaced, never changed
    private final Passing passing = new Passing();
    private long dispatched; // an index of the log
    private long turns; // how often the sinks were called
    private Position dispatchedAt;
    private @Nullable Position erasure; // of which the sinks have yet to be told
    private @Nullable Position erasedUpTo;
    private @Nullable Thread drainer;
    private boolean stuck;
    private int waitingForRoom;
    private int waitingForTurn;

    /**
     * @param name of a topic or pattern, for the log
     * @param keeps whether the log's owner decides what is dropped from it; if not, entries leave
     *     it as they are dispatched
     */
    Dispatcher(String name, EntryLog log, boolean keeps) {
        this.name = name;
        this.log = log;
        this.keeps = keeps;
        this.dispatched = log.tail();
        this.dispatchedAt = log.position(dispatched);
    }

    /** One subscription. */
    static final class Subscriber {

        private final Broker.Sink sink;
        private final Position start;
        private boolean failed; // read and written by the drainer alone
        private volatile boolean closed;

        private Subscriber(Broker.Sink sink, Position start) {
            this.sink = sink;
            this.start = start;
        }

        /** {@return the position after which it receives everything} */
        Position start() {
            return start;
        }
    }

    // Under the lock.

    /** {@return whether there are no subscribers, and nothing is being dispatched} */
    boolean isIdle() {
        return subscribers.length == 0 && drainer == null;
    }

    /** {@return whether the oldest entry of the log may be dropped} */
    boolean mayDropFirst() {
        return log.first() <= dispatched || stuck;
    }

    /** Adds a subscriber, which starts where dispatching stands. */
    Subscriber add(Broker.Sink sink) {
        var subscriber = new Subscriber(sink, dispatchedAt);
        Subscriber[] more = Arrays.copyOf(subscribers, subscribers.length + 1);
        more[subscribers.length] = subscriber;
        subscribers = more;
        return subscriber;
    }

    /** Adds the first subscriber, which starts after {@code start}. */
    void addFirst(Broker.Sink sink, Position start) {
        dispatchedAt = start;
        var _ = add(sink);
    }

    /** {@return whether {@code subscriber}, which it takes off, was the last one} */
    boolean remove(Subscriber subscriber) {
        subscriber.closed = true;
        int index = Arrays.asList(subscribers).indexOf(subscriber);
        if (index < 0) {
            return false;
        }
        var fewer = new Subscriber[subscribers.length - 1];
        System.arraycopy(subscribers, 0, fewer, 0, index);
        System.arraycopy(subscribers, index + 1, fewer, index, fewer.length - index);
        subscribers = fewer;
        return fewer.length == 0;
    }

    /** Adds an entry to the log. */
    void append(Entry entry) {
        log.append(entry);
        if (isIdle()) {
            dispatchedTo(log.tail());
        }
    }

    /**
     * Has an ephemeral message handed out after the entries of the log, if there are subscribers.
     */
    void pass(EphemeralMessage message) {
        if (subscribers.length > 0) {
            passing.add(message, log.tail());
        }
    }

    /** Has the sinks told that all up to {@code upTo} was erased, and is no longer in the log. */
    void erased(Position upTo) {
        erasedUpTo = upTo;
        erasure = upTo;
    }

    /** {@return whether the caller must {@link #drain} when it has left the lock} */
    boolean claim() {
        if (drainer != null || isDone()) {
            return false;
        }
        drainer = Thread.currentThread();
        return true;
    }

    private boolean isDone() {
        return dispatched == log.tail() && passing.isEmpty() && erasure == null;
    }

    /**
     * Waits until a publisher may append.
     *
     * @return false if it gave up, because a sink blocks
     * @throws BrokerUnavailableException if there was no room in time, or if interrupted
     */
    boolean awaitRoom() {
        if (hasRoom()) {
            return true;
        }
        long begin = System.nanoTime();
        long moved = begin;
        long seen = turns;
        waitingForRoom++;
        try {
            while (!hasRoom()) {
                long now = System.nanoTime();
                if (turns != seen) {
                    seen = turns;
                    moved = now;
                }
                if (now - moved >= STUCK_NANOS) {
                    stuck = true;
                    return false;
                }
                if (now - begin >= TIMEOUT_NANOS) {
                    throw new BrokerUnavailableException(
                            "the sinks are too slow for the publishers topic=" + name);
                }
                TimeUnit.NANOSECONDS.timedWait(this, STUCK_NANOS - (now - moved));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            if (!hasRoom()) {
                throw new BrokerUnavailableException(
                        "interrupted while waiting for room topic=" + name, e);
            }
        } finally {
            waitingForRoom--;
        }
        return true;
    }

    /**
     * {@return whether a publisher may go on} It must if no thread is dispatching, as it then has
     * to do that itself, and if it is dispatching already.
     */
    private boolean hasRoom() {
        return log.tail() - dispatched < MAX_UNDELIVERED
                || stuck
                || drainer == null
                || drainer == Thread.currentThread();
    }

    /**
     * Waits until what is being dispatched has reached all of its sinks.
     *
     * @return false if it gave up, because a sink blocks
     */
    boolean awaitTurn() {
        if (drainer == null || drainer == Thread.currentThread()) {
            return true;
        }
        long turn = turns;
        long deadline = System.nanoTime() + TIMEOUT_NANOS;
        boolean interrupted = false;
        waitingForTurn++;
        while (drainer != null && turns == turn) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                break;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException _) {
                // Returning now would break the promise that the sink is not called again.
                interrupted = true;
            }
        }
        waitingForTurn--;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return drainer == null || turns != turn;
    }

    private void dispatchedTo(long index) {
        if (index != dispatched) {
            dispatchedAt = log.position(index);
            dispatched = index;
        }
        while (!keeps && !log.isEmpty() && log.first() <= dispatched) {
            log.removeFirst();
        }
    }

    private void wakeWaiting() {
        boolean room = drainer == null || log.tail() - dispatched <= MAX_UNDELIVERED / 2;
        if (waitingForTurn > 0 || (waitingForRoom > 0 && room)) {
            notifyAll();
        }
    }

    // Outside the lock.

    /**
     * Dispatches all entries and ephemeral messages. For the thread that has {@linkplain #claim
     * claimed} it.
     */
    void drain() {
        int share = 0;
        while (true) {
            Consumer<Broker.Sink> call;
            Subscriber[] targets;
            synchronized (this) {
                turns++;
                if (subscribers.length == 0) {
                    dispatchedTo(log.tail());
                    passing.clear();
                    erasure = null;
                }
                if (share > 0 && share % SHARE == 0 && passing.takeOverflowed() && share > SHARE) {
                    passing.clear();
                }
                boolean done = isDone() || (waitingForRoom > 0 && share >= SHARE);
                if (done) {
                    drainer = null;
                }
                wakeWaiting();
                if (done) {
                    return;
                }
                stuck = false;
                targets = subscribers;
                call = next();
            }
            dispatch(targets, call);
            share++;
        }
    }

    /** What to tell the sinks next, as there is something. Under the lock. */
    private Consumer<Broker.Sink> next() {
        Position upTo = erasure;
        if (upTo != null) {
            erasure = null;
            return sink -> sink.deleted(upTo);
        }
        EphemeralMessage message = passing.poll(dispatched);
        if (message != null) {
            return sink -> sink.ephemeral(message);
        }
        long next = Math.max(dispatched + 1, log.first() - 1);
        if (next >= log.first()) {
            Entry entry = log.get(next);
            dispatchedTo(next);
            return sink -> sink.message(entry);
        }
        Position after = dispatchedAt;
        dispatchedTo(next);
        Position before = dispatchedAt;
        boolean deleted = erasedUpTo != null && !before.isAfter(erasedUpTo);
        GapReason reason = deleted ? GapReason.DELETED : GapReason.EXPIRED;
        return sink -> sink.gap(after, before, reason);
    }

    /** Ends all subscriptions, and returns once no sink is being called. */
    void close() {
        boolean quiet;
        synchronized (this) {
            for (Subscriber subscriber : subscribers) {
                subscriber.closed = true;
            }
            subscribers = NONE;
            quiet = awaitTurn();
        }
        warnUnless(quiet);
    }

    /** Logs that {@link #awaitTurn} gave up. */
    void warnUnless(boolean quiet) {
        if (!quiet) {
            LOGGER.log(Level.WARNING, "a sink blocks, and is closed while called topic={0}", name);
        }
    }

    /** Logs that {@link #awaitRoom} gave up. */
    void warnOfBlockedSink() {
        LOGGER.log(Level.WARNING, "a sink blocks its topic, and may miss events topic={0}", name);
    }

    private void dispatch(Subscriber[] targets, Consumer<Broker.Sink> call) {
        for (Subscriber subscriber : targets) {
            if (subscriber.closed) {
                continue;
            }
            try {
                call.accept(subscriber.sink);
            } catch (Throwable e) { // the other sinks and the publisher must go on, whatever it is
                if (!subscriber.failed) {
                    subscriber.failed = true;
                    LOGGER.log(Level.WARNING, "a sink failed topic=" + name, e);
                }
            }
        }
    }
}
