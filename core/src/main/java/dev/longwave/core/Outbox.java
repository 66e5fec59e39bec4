package dev.longwave.core;

import dev.longwave.broker.Position;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * All subscriptions of one connection, and what wakes its thread.
 *
 * <p>One thread, the connection's own, calls {@link #take}; any thread may {@link #heartbeat()} and
 * {@link #close(CloseReason)}. Whoever opened it gives it back with {@link Hub#release}.
 */
public final class Outbox implements Signal {
    /*
     * There is no queue: what is to be sent stands in the topics' logs, and this only says "look again".
     *
     * The handshake: take() clears `signalled` and then looks at the logs and flags; whoever has news stores
     * it (the log's `latest`, or a flag here) and then signals. All of these are volatile, so either take()
     * sees the news or signal() sees `signalled` cleared, sets it, and unparks. A second signal before
     * take() comes round costs one volatile read. `thread` is set before the outbox can be signalled.
     */
    private static final VarHandle SIGNALLED;
    private static final VarHandle CLOSED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            SIGNALLED = lookup.findVarHandle(Outbox.class, "signalled", boolean.class);
            CLOSED = lookup.findVarHandle(Outbox.class, "closed", CloseReason.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What {@link #take} came back with. */
    public enum Taken {
        /** There are events in the batch. */
        EVENTS,
        /** There are none, and it is time to say that the connection lives. */
        HEARTBEAT,
        /** There are none, and there will be none: see {@link #closeReason()}. */
        CLOSED
    }

    private final Thread thread;
    private final List<Seated> subscriptions;

    private volatile boolean signalled;
    private volatile boolean heartbeatDue;
    private volatile @Nullable CloseReason closed;
    private int first; // whose turn it is to be looked at first

    /** A subscription, and where it sits among its topic's subscribers. */
    private record Seated(Subscription subscription, Subscribers.Seat seat) {}

    Outbox(List<Subscription> subscriptions) {
        this.thread = Thread.currentThread();
        this.subscriptions =
                subscriptions.stream()
                        .map(s -> new Seated(s, s.topic().subscribers().join(this)))
                        .toList();
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
        while (true) {
            SIGNALLED.setVolatile(this, false);
            if (closed != null) {
                return Taken.CLOSED;
            }
            fill(batch);
            if (!batch.isEmpty()) {
                heartbeatDue = false;
                return Taken.EVENTS;
            }
            if (closeIfDone()) {
                return Taken.CLOSED;
            }
            if (heartbeatDue) {
                heartbeatDue = false;
                return Taken.HEARTBEAT;
            }
            await();
        }
    }

    private void fill(SseBatch batch) {
        int count = subscriptions.size();
        for (int i = 0; i < count; i++) {
            int index = (first + i) % count;
            Subscription subscription = subscriptions.get(index).subscription();
            while (!batch.isFull()) {
                Event event = subscription.poll();
                if (event == null) {
                    break;
                }
                add(batch, event);
            }
            if (batch.isFull()) {
                // A busy topic must not keep the others waiting for ever.
                first = (index + 1) % count;
                return;
            }
        }
    }

    private void add(SseBatch batch, Event event) {
        if (event.frame() == null) {
            throw new IllegalStateException("an event without a frame was given out");
        }
        if (subscriptions.size() == 1) {
            batch.add(event.frame());
        } else {
            batch.addWithId(id(), event.frame());
        }
    }

    private boolean closeIfDone() {
        boolean allEnded = true;
        for (Seated seated : subscriptions) {
            if (seated.subscription().tooSlow()) {
                close(CloseReason.TOO_SLOW);
                return true;
            }
            allEnded &= seated.subscription().ended();
        }
        if (allEnded) {
            close(CloseReason.ENDED);
        }
        return allEnded;
    }

    private void await() {
        while (!signalled) {
            LockSupport.park(this);
            if (thread.isInterrupted()) {
                close(CloseReason.SHUTDOWN);
                return;
            }
        }
    }

    /**
     * {@return the id of this stream as it stands: how far it has come in each topic. Empty if that
     * is not known yet of any}
     */
    public String id() {
        var id = new StringBuilder();
        for (Seated seated : subscriptions) {
            Position cursor = seated.subscription().cursor();
            if (cursor != null) {
                if (!id.isEmpty()) {
                    id.append(',');
                }
                id.append(
                        EventId.part(seated.subscription().topic().encoder().topicHash(), cursor));
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
        return subscriptions.stream().allMatch(seated -> seated.subscription().ended());
    }

    /** Makes {@link #take} come back with a heartbeat if it has nothing better. */
    public void heartbeat() {
        heartbeatDue = true;
        signal();
    }

    /** Ends this stream: {@link #take} comes back. The first reason counts. */
    public void close(CloseReason reason) {
        if (CLOSED.compareAndSet(this, (CloseReason) null, reason)) {
            signal();
        }
    }

    /** {@return why it is closed, or null while it is not} */
    public @Nullable CloseReason closeReason() {
        return closed;
    }

    @Override
    public void signal() {
        if (!signalled && SIGNALLED.compareAndSet(this, false, true)) {
            LockSupport.unpark(thread);
        }
    }

    /** Leaves all topics. Once. */
    List<Topic> leave() {
        for (Seated seated : subscriptions) {
            seated.subscription().topic().subscribers().leave(seated.seat());
        }
        return subscriptions.stream().map(seated -> seated.subscription().topic()).toList();
    }
}
