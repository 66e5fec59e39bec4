package dev.longwave.broker.memory;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Position;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hands the entries of a log to those who listen: one at a time, in order, by whoever brings them.
 *
 * <p>Its monitor guards the log, and everything of its owner that goes with it. Methods said to be
 * under the lock are for who holds it; the others for who does not.
 */
final class HandOut {
    /*
     * Everything is guarded by this object's monitor, except that sinks are called outside it.
     *
     * Handing out. Publishers append under the lock. The one who finds nobody handing out becomes
     * the drainer: it takes one entry after another, with the listeners of that moment, under the
     * lock, and calls the sinks outside it, until `handedOut` has reached the tail; the others
     * leave their entries to it. So there is one call at a time and in order, without a queue or a
     * thread of its own, and an entry is handed out by its publisher wherever nobody else
     * publishes.
     *
     * Subscribing. The start position is that of `handedOut`. What comes later is taken later, and
     * then with the new listener among those it is for; what came earlier is not, as the listeners
     * are taken together with the entry. Hence no hole and no overlap.
     *
     * Unsubscribing. Once a listener is off the list, only the entry that is being handed out can
     * still reach it. Whoever removes it therefore waits until `handedOut` moves or the drainer is
     * done. The drainer itself, removing from within a sink, need not wait; the `closed` flag keeps
     * it from calling what it has closed.
     *
     * Falling behind. What is not handed out may not be dropped, and a publisher that finds
     * MAX_UNDELIVERED such entries waits until the drainer has caught up by half: otherwise
     * publishers that are faster than the sinks would grow the log without bound. A drainer that
     * has handed out its share passes the work on to one of those who wait, so that nobody is kept
     * for ever. If nothing moves for STUCK_NANOS, a sink is blocked: publishers stop waiting until
     * something moves, anything may be dropped, and the listeners are told of the hole.
     */
    private static final Logger LOGGER = System.getLogger(HandOut.class.getName());

    static final int MAX_UNDELIVERED = 1024;
    private static final int SHARE = 256;
    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final Listener[] NOBODY = {};

    private final String name;
    private final EntryLog log;
    private final boolean keeps;
    private Listener[] listeners = NOBODY; // replaced, never changed
    private long handedOut; // an index of the log
    private Position handedOutAt;
    private @Nullable Thread drainer;
    private boolean stuck;
    private int waitingForRoom;
    private int waitingForTurn;

    /**
     * @param name of a topic or pattern, for the log
     * @param keeps whether the log's owner decides what is dropped from it; if not, entries leave
     *     it as they are handed out
     */
    HandOut(String name, EntryLog log, boolean keeps) {
        this.name = name;
        this.log = log;
        this.keeps = keeps;
        this.handedOut = log.tail();
        this.handedOutAt = log.position(handedOut);
    }

    /** One who listens. */
    static final class Listener {

        private final Broker.Sink sink;
        private final Position start;
        private boolean failed; // read and written by the drainer alone
        private volatile boolean closed;

        private Listener(Broker.Sink sink, Position start) {
            this.sink = sink;
            this.start = start;
        }

        /** {@return the position after which it is handed everything} */
        Position start() {
            return start;
        }
    }

    // Under the lock.

    /** {@return whether nobody listens, and nothing is being handed out} */
    boolean isIdle() {
        return listeners.length == 0 && drainer == null;
    }

    /** {@return whether the oldest entry of the log may be dropped} */
    boolean mayDropFirst() {
        return log.first() <= handedOut || stuck;
    }

    /** Adds a listener, from where handing out stands. */
    Listener add(Broker.Sink sink) {
        var listener = new Listener(sink, handedOutAt);
        Listener[] more = Arrays.copyOf(listeners, listeners.length + 1);
        more[listeners.length] = listener;
        listeners = more;
        return listener;
    }

    /** Adds the first listener, to begin after {@code start}, up to which nobody listened. */
    void addFirst(Broker.Sink sink, Position start) {
        handedOutAt = start;
        var _ = add(sink);
    }

    /** {@return whether {@code listener}, which it takes off, was the last one} */
    boolean remove(Listener listener) {
        listener.closed = true;
        int index = Arrays.asList(listeners).indexOf(listener);
        if (index < 0) {
            return false;
        }
        var fewer = new Listener[listeners.length - 1];
        System.arraycopy(listeners, 0, fewer, 0, index);
        System.arraycopy(listeners, index + 1, fewer, index, fewer.length - index);
        listeners = fewer;
        return fewer.length == 0;
    }

    /** Adds an entry to the log. */
    void append(Entry entry) {
        log.append(entry);
        if (isIdle()) {
            handedOutTo(log.tail());
        }
    }

    /** {@return whether the caller must {@link #drain} when it has left the lock} */
    boolean claim() {
        if (drainer != null || handedOut == log.tail()) {
            return false;
        }
        drainer = Thread.currentThread();
        return true;
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
        long seen = handedOut;
        waitingForRoom++;
        try {
            while (!hasRoom()) {
                long now = System.nanoTime();
                if (handedOut != seen) {
                    seen = handedOut;
                    moved = now;
                }
                if (now - moved >= STUCK_NANOS) {
                    stuck = true;
                    return false;
                }
                if (now - begin >= PATIENCE_NANOS) {
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
     * {@return whether a publisher may go on}. It must where nobody hands out, for then it is the
     * one to do so, and where it is itself handing out.
     */
    private boolean hasRoom() {
        return log.tail() - handedOut < MAX_UNDELIVERED
                || stuck
                || drainer == null
                || drainer == Thread.currentThread();
    }

    /**
     * Waits until the entry that is being handed out has reached every sink it is for.
     *
     * @return false if it gave up, because a sink blocks
     */
    boolean awaitTurn() {
        if (drainer == null || drainer == Thread.currentThread()) {
            return true;
        }
        long turn = handedOut;
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        boolean interrupted = false;
        waitingForTurn++;
        while (drainer != null && handedOut == turn) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                break;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException _) {
                // To leave now would break the promise that the sink is not called any more.
                interrupted = true;
            }
        }
        waitingForTurn--;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return drainer == null || handedOut != turn;
    }

    private void handedOutTo(long index) {
        if (index != handedOut) {
            handedOutAt = log.position(index);
            handedOut = index;
        }
        while (!keeps && !log.isEmpty() && log.first() <= handedOut) {
            log.removeFirst();
        }
    }

    private void wakeWaiting() {
        boolean room = drainer == null || log.tail() - handedOut <= MAX_UNDELIVERED / 2;
        if (waitingForTurn > 0 || (waitingForRoom > 0 && room)) {
            notifyAll();
        }
    }

    // Outside the lock.

    /** Hands out what there is. For who has {@linkplain #claim claimed} it. */
    void drain() {
        int turns = 0;
        while (true) {
            Entry entry = null;
            Listener[] targets;
            Position after;
            Position before;
            synchronized (this) {
                if (listeners.length == 0) {
                    handedOutTo(log.tail());
                }
                boolean done = handedOut == log.tail() || (waitingForRoom > 0 && turns >= SHARE);
                if (done) {
                    drainer = null;
                }
                wakeWaiting();
                if (done) {
                    return;
                }
                stuck = false;
                targets = listeners;
                after = handedOutAt;
                long next = Math.max(handedOut + 1, log.first() - 1);
                if (next >= log.first()) {
                    entry = log.get(next);
                }
                handedOutTo(next);
                before = handedOutAt;
            }
            handOut(targets, entry, after, before);
            turns++;
        }
    }

    /** Ends all subscriptions, and returns once no sink is being called. */
    void close() {
        boolean quiet;
        synchronized (this) {
            for (Listener listener : listeners) {
                listener.closed = true;
            }
            listeners = NOBODY;
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

    private void handOut(
            Listener[] targets, @Nullable Entry entry, Position after, Position before) {
        for (Listener listener : targets) {
            if (listener.closed) {
                continue;
            }
            try {
                if (entry != null) {
                    listener.sink.message(entry);
                } else {
                    listener.sink.gap(after, before, GapReason.EXPIRED);
                }
            } catch (Throwable e) { // whatever it is, the other sinks and the publisher go on
                if (!listener.failed) {
                    listener.failed = true;
                    LOGGER.log(Level.WARNING, "a sink failed topic=" + name, e);
                }
            }
        }
    }
}
