package dev.longwave.core;

import dev.longwave.broker.Position;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All subscriptions of one connection, and whose turn it is to empty them.
 *
 * <p>The connection's own thread calls {@link #take}, and waits there. Whoever brings news to an
 * idle outbox may take its turn instead, as long as that means no waiting: see {@link Express}. Any
 * thread may {@link #heartbeat()} and {@link #close(CloseReason)}. Whoever opened it gives it back
 * with {@link Hub#release}.
 */
public final class Outbox implements Signal {
    /*
     * There is no queue: what is to be sent stands in the topics' logs, and a signal only says "look again".
     *
     * One thread at a time has the turn, and with it the subscriptions and the connection's writing end.
     * `state` says who: nobody (IDLE), the connection's thread (THREAD), or a thread that brought news
     * (EXPRESS). It passes only from IDLE, by compare-and-set, or from whoever has it to THREAD or IDLE; so
     * what one had written in its turn is seen by the next.
     *
     * The handshake: whoever has the turn clears NEWS and then looks at the logs and flags; whoever has
     * news stores it (the log's `latest`, or a flag here) and then signals. A signal finds NEWS set, and
     * then it will be cleared and the news looked for; or sets it, and then giving up the turn fails; or
     * finds nobody, and takes the turn itself. All of this is volatile. Races: OutboxStress.
     */
    private static final int IDLE = 0;
    private static final int EXPRESS = 1;
    private static final int THREAD = 2;
    private static final int NEWS = 4;

    /** How often one signal may write before a busy reader is left to its own thread. */
    private static final int EXPRESS_ROUNDS = 4;

    private static final System.Logger LOGGER = System.getLogger(Outbox.class.getName());
    private static final VarHandle STATE;
    private static final VarHandle CLOSED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(Outbox.class, "state", int.class);
            CLOSED = lookup.findVarHandle(Outbox.class, "closed", CloseReason.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What there is to send. */
    public enum Taken {
        /** There are events in the batch. */
        EVENTS,
        /** There are none, and it is time to say that the connection lives. */
        HEARTBEAT,
        /** What {@link Express#send} did not get rid of comes first. */
        REST,
        /** There are none, and there will be none: see {@link #closeReason()}. */
        CLOSED
    }

    /**
     * A way to the client that does not wait, for threads that bring news. It saves waking the
     * connection's own thread, which stays in charge of everything that may take time: a client
     * that does not read, history, the end.
     */
    public interface Express {

        /** {@return how batches must be framed} */
        SseBatch.Framing framing();

        /**
         * Sends what can be sent at once, and keeps the rest for the connection's thread. Called by
         * one thread at a time.
         *
         * @param taken {@link Taken#EVENTS} or {@link Taken#HEARTBEAT}
         * @param batch not finished yet; belongs to the callee
         * @return whether there is no rest
         */
        boolean send(Taken taken, SseBatch batch);

        /**
         * Reads what {@link #send} will need, so that it is near by then. Any thread, any time;
         * does not block.
         *
         * @return something that depends on all that was read
         */
        default int touch() {
            return 0;
        }
    }

    private final Subscription[] subscriptions;
    private @Nullable Express express;
    private @Nullable Thread thread; // the connection's, from when on it may wait

    private volatile int state = THREAD;
    private volatile boolean heartbeatDue;
    private volatile @Nullable CloseReason closed;

    // For whoever has the turn:
    private boolean rest;
    private int first; // whose turn it is to be looked at first

    Outbox(List<Subscription> subscriptions) {
        this.subscriptions = subscriptions.toArray(Subscription[]::new);
        for (Subscription subscription : this.subscriptions) {
            subscription.join(this);
        }
    }

    /** Has news sent by whoever brings it. For the connection's thread, before {@link #take}. */
    public void express(Express newExpress) {
        express = newExpress;
    }

    /**
     * Waits for news, and adds events to {@code batch} until there are no more or it is full.
     *
     * <p>An interrupt closes the outbox, the interrupt flag set.
     *
     * @throws dev.longwave.broker.BrokerException if the reader is behind and history cannot be
     *     read
     */
    public Taken take(SseBatch batch) {
        thread = Thread.currentThread();
        while (true) {
            awaitTurn();
            if (rest) {
                rest = false;
                return Taken.REST;
            }
            STATE.setVolatile(this, THREAD);
            if (closed != null) {
                return Taken.CLOSED;
            }
            fill(batch, true);
            if (!batch.isEmpty()) {
                heartbeatDue = false;
                return Taken.EVENTS;
            }
            CloseReason end = end();
            if (end != null) {
                close(end);
                return Taken.CLOSED;
            }
            if (heartbeatDue) {
                heartbeatDue = false;
                return Taken.HEARTBEAT;
            }
            // Fails if there is news already: then it is still this thread's turn.
            STATE.compareAndSet(this, THREAD, IDLE);
        }
    }

    private void awaitTurn() {
        while ((state & THREAD) == 0) {
            LockSupport.park(this);
            if (Thread.currentThread().isInterrupted()) {
                close(CloseReason.SHUTDOWN); // which brings the turn here, if not at once
            }
        }
    }

    @Override
    public boolean signal() {
        while (true) {
            int seen = state;
            if ((seen & NEWS) != 0) {
                return false;
            }
            if (seen != IDLE) {
                if (STATE.compareAndSet(this, seen, seen | NEWS)) {
                    return false;
                }
            } else if (express == null) {
                if (STATE.compareAndSet(this, IDLE, THREAD)) {
                    LockSupport.unpark(thread);
                    return true;
                }
            } else if (STATE.compareAndSet(this, IDLE, EXPRESS)) {
                if (sendExpress(express)) {
                    return false;
                }
                STATE.setVolatile(this, THREAD);
                LockSupport.unpark(thread);
                return true;
            }
        }
    }

    /** Has no turn: what it reads may change meanwhile, and does not matter. */
    @Override
    public int touch() {
        Express way = express;
        return state + subscriptions[0].touch() + (way == null ? 0 : way.touch());
    }

    /** Whether the turn was given up; otherwise the connection's thread must have it. */
    private boolean sendExpress(Express way) {
        try {
            for (int round = 0; round < EXPRESS_ROUNDS; round++) {
                if (closed != null) {
                    return false;
                }
                var batch = new SseBatch(way.framing());
                boolean emptied = fill(batch, false);
                if (!batch.isEmpty() || heartbeatDue) {
                    Taken taken = batch.isEmpty() ? Taken.HEARTBEAT : Taken.EVENTS;
                    heartbeatDue = false;
                    rest = !way.send(taken, batch);
                }
                if (rest || needsThread()) {
                    return false;
                }
                if (emptied && STATE.compareAndSet(this, EXPRESS, IDLE)) {
                    return true;
                }
                STATE.setVolatile(this, EXPRESS);
            }
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "a client cannot be written to", e);
            close(CloseReason.CLIENT_LEFT);
        }
        return false;
    }

    private boolean needsThread() {
        for (Subscription subscription : subscriptions) {
            if (subscription.mustCatchUp()) {
                return true;
            }
        }
        return end() != null;
    }

    /** Why nothing more will come of the topics, or null while something may. */
    private @Nullable CloseReason end() {
        boolean allEnded = true;
        for (Subscription subscription : subscriptions) {
            if (subscription.tooSlow()) {
                return CloseReason.TOO_SLOW;
            }
            allEnded &= subscription.ended();
        }
        return allEnded ? CloseReason.ENDED : null;
    }

    /** Whether there is nothing left, as far as can be seen without blocking. */
    private boolean fill(SseBatch batch, boolean mayBlock) {
        int count = subscriptions.length;
        for (int i = 0; i < count; i++) {
            int index = (first + i) % count;
            Subscription subscription = subscriptions[index];
            while (!batch.isFull()) {
                Event event = subscription.poll(mayBlock);
                if (event == null) {
                    break;
                }
                add(batch, event);
            }
            if (batch.isFull()) {
                // A busy topic must not keep the others waiting for ever.
                first = (index + 1) % count;
                return false;
            }
        }
        return true;
    }

    private void add(SseBatch batch, Event event) {
        if (event.frame() == null) {
            throw new IllegalStateException("an event without a frame was given out");
        }
        if (subscriptions.length == 1) {
            batch.add(event.frame());
        } else {
            batch.addWithId(id(), event.frame());
        }
    }

    /**
     * {@return the id of this stream as it stands: how far it has come in each topic. Empty if that
     * is not known yet of any} For whoever has the turn.
     */
    public String id() {
        var id = new StringBuilder();
        for (Subscription subscription : subscriptions) {
            Position cursor = subscription.cursor();
            if (cursor != null) {
                if (!id.isEmpty()) {
                    id.append(',');
                }
                id.append(EventId.part(subscription.topic().encoder().topicHash(), cursor));
            }
        }
        return id.toString();
    }

    /**
     * {@return whether the reader came back with a cursor at the end of each of its topics, so that
     * there is nothing to tell it any more. For the connection's thread, before the first {@link
     * #take}}
     */
    public boolean nothingLeft() {
        return Stream.of(subscriptions).allMatch(Subscription::ended);
    }

    /** Has a heartbeat sent if there is nothing better. */
    public void heartbeat() {
        heartbeatDue = true;
        var _ = signal();
    }

    /** Ends this stream: {@link #take} comes back. The first reason counts. */
    public void close(CloseReason reason) {
        if (CLOSED.compareAndSet(this, (CloseReason) null, reason)) {
            var _ = signal();
        }
    }

    /** {@return why it is closed, or null while it is not} */
    public @Nullable CloseReason closeReason() {
        return closed;
    }

    /** Leaves all topics. Once. */
    List<Topic> leave() {
        Stream.of(subscriptions).forEach(Subscription::leave);
        return Stream.of(subscriptions).map(Subscription::topic).toList();
    }
}
