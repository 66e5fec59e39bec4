package dev.longwave.core;

import dev.longwave.broker.Position;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All subscriptions of one connection, and which thread may empty them.
 *
 * <p>The connection's own thread calls {@link #take}, and waits there. A thread that signals an
 * idle outbox may empty it instead, or have the writer's executor do it, as long as that takes no
 * waiting: see {@link DirectWriter}. Any thread may {@link #beat()} and {@link
 * #close(CloseReason)}. {@link Hub#add} and {@link Hub#remove} change its subscriptions while it is
 * open. The thread that opened it gives it back with {@link Hub#release}.
 *
 * @param <B> what the connection's transport writes
 */
public final class Outbox<B extends Batch> implements Signal, Cursors {
    /*
     * There is no queue: what is to be sent is in the topics' logs, and a signal only says "look again".
     *
     * One thread at a time owns the outbox, and with it the subscriptions and the connection's writing end.
     * `state` says which: none (IDLE), the connection's thread (THREAD), or a thread that signalled it
     * (DIRECT). Ownership passes only from IDLE, by compare-and-set, or from its owner to THREAD or IDLE;
     * so the next owner sees what the previous one wrote. A thread that has become DIRECT may pass that on to
     * the writer's executor; until its task has run, signals find the outbox owned.
     *
     * The handshake: an owner clears PENDING and then looks at the logs, flags and changes; a thread with
     * something new stores it (the log's `latest`, a flag or a change here) and then signals. A signal finds
     * PENDING set, and then it will be cleared and everything looked at; or sets it, and then giving up
     * ownership fails; or finds no owner, and becomes it. All of this is volatile. Races: OutboxStress.
     *
     * Subscriptions that are added or removed, and bytes that are sent, wait in `changes` until the owner
     * looks, and take effect in their order. An added subscription has its place in its topic's log from the
     * start and is signalled from then on, so it makes no difference to what it delivers when the owner finds
     * it. `changes`, `sentBytes` and `left` are guarded by `this`; `changed` says that there are changes.
     */
    private static final int IDLE = 0;
    private static final int DIRECT = 1;
    private static final int THREAD = 2;
    private static final int PENDING = 4;

    /** How often one signal may write before a busy reader is left to its own thread. */
    private static final int DIRECT_ROUNDS = 4;

    /** A client that lets more pile up of what it is sent beside the events is too slow. */
    static final int MAX_SENT_BYTES = 1 << 20;

    private static final System.Logger LOGGER = System.getLogger(Outbox.class.getName());
    private static final Subscription[] NONE = {};
    private static final VarHandle STATE;
    private static final VarHandle CLOSED;
    private static final VarHandle DELIVERED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(Outbox.class, "state", int.class);
            CLOSED = lookup.findVarHandle(Outbox.class, "closed", CloseReason.class);
            DELIVERED = lookup.findVarHandle(Outbox.class, "delivered", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private sealed interface Change {

        record Added(Subscription subscription) implements Change {}

        /** By the name of its topic. */
        record Removed(String name) implements Change {}

        /** Bytes of the transport's own. */
        record Sent(Bytes bytes) implements Change {}

        /** An array, so that no record has one. */
        final class Bytes {
            private final byte[] array;

            Bytes(byte[] array) {
                this.array = array;
            }
        }
    }

    private final boolean endsWithTopics;
    private final Trail trail = new Trail();
    private @Nullable DirectWriter<B> writer;
    private @Nullable Runnable passOn; // has the executor write; null: who signals may
    private @Nullable Thread thread; // the connection's, once it may wait

    private volatile int state = THREAD;
    private volatile boolean heartbeatDue;
    private volatile @Nullable CloseReason closed;
    private volatile boolean changed; // written under the lock
    private @Nullable Deque<Change> changes; // null for none, as it mostly is
    private int sentBytes; // that wait in the changes
    private boolean left;

    // For the owner; all but `remainder` and `first` are read by others, who need no exact answer:
    private Subscription[] subscriptions;
    private boolean remainder; // of a batch, kept by the writer
    private int first; // the subscription to look at first
    private boolean silent; // whether nothing was sent since the last beat
    private long delivered;
    private int gaps;
    private int stalls;

    /**
     * @param endsWithTopics whether the stream ends once all its topics have ended
     */
    Outbox(List<Subscription> subscriptions, boolean endsWithTopics) {
        this.subscriptions = subscriptions.toArray(Subscription[]::new);
        this.endsWithTopics = endsWithTopics;
        for (Subscription subscription : this.subscriptions) {
            subscription.join(this, trail);
        }
    }

    /** Lets threads that signal it write directly. For its thread, before {@link #take}. */
    public void writeDirectly(DirectWriter<B> newWriter) {
        Executor executor = newWriter.executor();
        if (executor != null) {
            Runnable write =
                    () -> {
                        var _ = emptyOrWake(newWriter);
                    };
            passOn = () -> executor.execute(write);
        }
        writer = newWriter;
    }

    /**
     * Waits until there is something to write, and adds it to {@code batch} until there is no more
     * or the batch is full: events, or a heartbeat. A batch that stays empty means that the {@link
     * DirectWriter} has kept a remainder, which comes first.
     *
     * <p>An interrupt closes the outbox; the interrupt flag stays set.
     *
     * @return whether there is something to write; false once it is closed, see {@link
     *     #closeReason()}
     * @throws dev.longwave.broker.BrokerException if the reader is behind and history cannot be
     *     read
     */
    public boolean take(B batch) {
        thread = Thread.currentThread();
        while (true) {
            awaitOwnership();
            if (remainder) {
                remainder = false;
                return true;
            }
            STATE.setVolatile(this, THREAD);
            if (closed != null) {
                return false;
            }
            var _ = fill(batch, true);
            if (!batch.isEmpty()) {
                return true;
            }
            CloseReason end = end();
            if (end != null) {
                close(end);
                return false;
            }
            if (addHeartbeat(batch)) {
                return true;
            }
            // Fails if there is a pending signal: then this thread still owns the outbox.
            STATE.compareAndSet(this, THREAD, IDLE);
        }
    }

    private void awaitOwnership() {
        while ((state & THREAD) == 0) {
            LockSupport.park(this);
            if (Thread.currentThread().isInterrupted()) {
                close(CloseReason.SHUTDOWN); // after which ownership comes to this thread
            }
        }
    }

    @Override
    public boolean signal() {
        while (true) {
            int seen = state;
            if ((seen & PENDING) != 0) {
                return false;
            }
            if (seen != IDLE) {
                if (STATE.compareAndSet(this, seen, seen | PENDING)) {
                    return false;
                }
            } else if (writer == null) {
                if (STATE.compareAndSet(this, IDLE, THREAD)) {
                    LockSupport.unpark(thread);
                    return true;
                }
            } else if (STATE.compareAndSet(this, IDLE, DIRECT)) {
                Runnable other = passOn;
                if (other != null) {
                    other.run();
                    return true;
                }
                return emptyOrWake(writer);
            }
        }
    }

    /** For the owner, which is no longer that. Whether the connection's thread was woken. */
    private boolean emptyOrWake(DirectWriter<B> present) {
        if (emptyDirectly(present)) {
            return false;
        }
        STATE.setVolatile(this, THREAD);
        LockSupport.unpark(thread);
        return true;
    }

    /** Does not own the outbox: what it reads may change meanwhile, which does not matter. */
    @Override
    public int prefetch() {
        DirectWriter<B> present = writer;
        Subscription[] some = subscriptions;
        Subscription one = some.length == 0 ? null : some[0];
        return state
                + (one == null ? 0 : one.prefetch())
                + (present == null ? 0 : present.prefetch());
    }

    /** Whether ownership was given up; otherwise the connection's thread must have it. */
    private boolean emptyDirectly(DirectWriter<B> present) {
        try {
            for (int round = 0; round < DIRECT_ROUNDS; round++) {
                if (closed != null) {
                    return false;
                }
                B batch = present.batch();
                boolean emptied = fill(batch, false);
                if (!batch.isEmpty() || addHeartbeat(batch)) {
                    remainder = !present.tryWrite(batch);
                    batch.clear();
                    if (remainder) {
                        stalls++;
                    }
                }
                if (remainder || needsThread()) {
                    return false;
                }
                if (emptied && STATE.compareAndSet(this, DIRECT, IDLE)) {
                    return true;
                }
                STATE.setVolatile(this, DIRECT);
            }
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "a client cannot be written to", e);
            close(CloseReason.CLIENT_LEFT);
        } catch (Throwable e) { // or nobody would own the outbox again
            LOGGER.log(System.Logger.Level.ERROR, "a stream failed", e);
            close(CloseReason.FAILED);
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

    /** Why the topics will bring nothing more, or null while they may. */
    private @Nullable CloseReason end() {
        boolean allEnded = endsWithTopics;
        for (Subscription subscription : subscriptions) {
            if (subscription.tooSlow()) {
                return CloseReason.TOO_SLOW;
            }
            allEnded &= subscription.ended();
        }
        return allEnded ? CloseReason.ENDED : null;
    }

    /** Whether nothing is left, as far as can be seen without blocking. */
    private boolean fill(B batch, boolean mayBlock) {
        if (changed && !applyChanges(batch)) {
            return false;
        }
        Subscription[] present = subscriptions;
        int count = present.length;
        for (int i = 0; i < count; i++) {
            int index = (first + i) % count;
            Subscription subscription = present[index];
            int taken = 0;
            while (!batch.isFull()) {
                Event event = subscription.poll(mayBlock);
                if (event == null) {
                    break;
                }
                batch.add(event, this);
                taken++;
                Gap gap = event.gap();
                if (gap != null) {
                    gaps++;
                    Topic topic = subscription.topic();
                    topic.gapTold(gap.reason());
                    trail.add(new Mark.Missed(Instant.now(), topic.name(), gap));
                }
            }
            if (taken > 0) {
                silent = false;
                delivered += taken;
            }
            if (batch.isFull()) {
                // A busy topic must not keep the others waiting.
                first = (index + 1) % count;
                return false;
            }
        }
        return true;
    }

    private boolean addHeartbeat(B batch) {
        if (!heartbeatDue) {
            return false;
        }
        heartbeatDue = false;
        if (!silent) {
            return false; // events went out since
        }
        silent = false;
        batch.addHeartbeat(this);
        return true;
    }

    @Override
    public int count() {
        return subscriptions.length;
    }

    @Override
    public String id() {
        var id = new StringBuilder();
        for (Subscription subscription : subscriptions) {
            Position cursor = subscription.cursor();
            if (cursor != null) {
                if (!id.isEmpty()) {
                    id.append(',');
                }
                id.append(EventId.part(subscription.topic().id().hash(), cursor));
            }
        }
        return id.toString();
    }

    @Override
    public @Nullable Event last() {
        return subscriptions.length == 1 ? subscriptions[0].last() : null;
    }

    /**
     * {@return whether the client reconnected with a cursor at the end of each of its topics, so
     * that nothing is left to tell it. For the connection's thread, before the first {@link #take}}
     */
    public boolean nothingLeft() {
        return Stream.of(subscriptions).allMatch(Subscription::ended);
    }

    /**
     * {@return whether {@link #id()} names all of its topics: a stream that starts live in a topic
     * that has ended does not know where it is before the event that ended it was taken} For the
     * connection's thread, before the first {@link #take}.
     */
    public boolean isPlaced() {
        return Stream.of(subscriptions).allMatch(subscription -> subscription.cursor() != null);
    }

    /**
     * Has a heartbeat sent if nothing was sent since the last call. Called in even intervals, by
     * any thread.
     */
    public void beat() {
        if (silent) {
            heartbeatDue = true;
            var _ = signal();
        } else {
            silent = true; // if an event goes out at this moment, the next heartbeat comes early
        }
    }

    /** Ends this stream: {@link #take} returns false. The first reason counts. Any thread. */
    public void close(CloseReason reason) {
        if (CLOSED.compareAndSet(this, (CloseReason) null, reason)) {
            synchronized (this) {
                notifyAll(); // there will be no room
            }
            var _ = signal();
        }
    }

    /** {@return why it is closed, or null while it is not} */
    public @Nullable CloseReason closeReason() {
        return closed;
    }

    /** {@return how many events were taken from it, recently at least} Any thread. */
    public long delivered() {
        return (long) DELIVERED.getOpaque(this);
    }

    /** {@return how many gaps its client was told of, recently at least} Any thread. */
    public int gaps() {
        return gaps;
    }

    /**
     * {@return how often its client did not take all of a direct write, recently at least} Any
     * thread.
     */
    public int stalls() {
        return stalls;
    }

    /**
     * {@return how many events wait for its client in the logs of its topics, about; negative while
     * it reads history} Any thread.
     */
    public long waiting() {
        long waiting = 0;
        for (Subscription subscription : subscriptions) {
            long some = subscription.waiting();
            if (some < 0) {
                return some;
            }
            waiting += some;
        }
        return waiting;
    }

    /** {@return how many bytes wait that were {@linkplain #send sent} beside the events} */
    public synchronized int waitingBytes() {
        return sentBytes;
    }

    /**
     * {@return what the stream knows of itself, until it is {@linkplain Hub#release released}} It
     * reads what there is anyway, and nothing waits for it. Any thread.
     */
    public StreamReport report() {
        boolean writing = state != IDLE; // what its last owner wrote is seen after it
        List<Progress> topics = Stream.of(subscriptions).map(Subscription::progress).toList();
        writing |= state != IDLE; // or an event was taken meanwhile
        return trail.report(topics, writing);
    }

    /** Whether {@code subscription} was taken; not after {@link #leave}. Any thread. */
    boolean add(Subscription subscription) {
        subscription.join(this, trail);
        if (!change(new Change.Added(subscription), 0)) {
            subscription.leave();
            return false;
        }
        return true;
    }

    /** Drops the subscription of {@code name}, once the owner looks. Any thread. */
    void remove(String name) {
        var _ = change(new Change.Removed(name), 0);
    }

    /**
     * Sends bytes beside the events: after the events of topics that were removed before, and
     * before those of topics that are added later. Any thread; does not wait. A client must not be
     * able to ask for more than it reads: see {@link #awaitRoom}. If more than a mebibyte waits all
     * the same, the stream is closed.
     *
     * @param bytes complete in the transport's format; handed to {@link Batch#addBytes}
     * @return whether they will be sent, unless the stream ends before
     */
    public boolean send(byte[] bytes) {
        if (isOverfull()) {
            close(CloseReason.TOO_SLOW);
            return false;
        }
        return change(new Change.Sent(new Change.Bytes(bytes)), bytes.length);
    }

    private synchronized boolean isOverfull() {
        return sentBytes > MAX_SENT_BYTES;
    }

    /**
     * Waits until at most {@code maxBytes} of what was {@linkplain #send sent} wait to be written,
     * or the stream is closed. Not for the stream's own thread.
     *
     * @return whether there is room; not if it took longer than {@code atMost}
     */
    public boolean awaitRoom(int maxBytes, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        synchronized (this) {
            while (sentBytes > maxBytes && closed == null && !left) {
                long nanos = deadline - System.nanoTime();
                if (nanos <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(this, nanos);
            }
            return true;
        }
    }

    private boolean change(Change change, int bytes) {
        synchronized (this) {
            if (left) {
                return false;
            }
            if (changes == null) {
                changes = new ArrayDeque<>();
            }
            changes.add(change);
            sentBytes += bytes;
            changed = true;
        }
        var _ = signal();
        return true;
    }

    /** Whether all were applied: they wait once the batch is full. */
    private boolean applyChanges(B batch) {
        var subscribed = new ArrayList<>(Arrays.asList(subscriptions));
        boolean applied = false;
        while (!applied && !batch.isFull()) {
            switch (nextChange()) {
                case null -> applied = true;
                case Change.Added(Subscription subscription) -> subscribed.add(subscription);
                case Change.Removed(String name) -> drop(subscribed, name);
                case Change.Sent(Change.Bytes bytes) -> {
                    batch.addBytes(bytes.array);
                    silent = false;
                }
            }
        }
        subscriptions = subscribed.toArray(Subscription[]::new);
        first = 0;
        return applied;
    }

    private synchronized @Nullable Change nextChange() {
        Change next = changes == null ? null : changes.poll();
        if (next == null) {
            changes = null;
            changed = false;
        } else if (next instanceof Change.Sent(Change.Bytes bytes)) {
            sentBytes -= bytes.array.length;
            notifyAll();
        }
        return next;
    }

    private void drop(List<Subscription> from, String name) {
        for (Subscription subscription : List.copyOf(from)) {
            if (subscription.topic().name().equals(name)) {
                from.remove(subscription);
                trail.add(new Mark.Left(Instant.now(), subscription.progress()));
                release(subscription);
            }
        }
    }

    private static void release(Subscription subscription) {
        subscription.leave();
        subscription.topic().release();
    }

    /** Leaves all topics. Once, by the owner. */
    void leave() {
        synchronized (this) {
            left = true;
            notifyAll();
        }
        for (Change change = nextChange(); change != null; change = nextChange()) {
            if (change instanceof Change.Added(Subscription subscription)) {
                release(subscription);
            }
        }
        for (Subscription subscription : subscriptions) {
            release(subscription);
        }
        subscriptions = NONE;
    }
}
