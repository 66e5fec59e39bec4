package dev.longwave.broker.feed;

import dev.longwave.broker.Broker;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Position;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The subscribers of one topic, and the position up to which they have received everything. */
final class Subscribers {
    /*
     * Only one thread at a time dispatches: Sequencer ensures that. It moves the cursor and takes the
     * current subscribers in one step, and calls them outside the lock. A new subscriber is added and
     * takes the cursor as its start in one step, too. So it receives everything after its start, and
     * nothing else.
     *
     * Ephemeral messages have no place in that order, so whichever thread brings one calls the sinks
     * itself if no other thread does, and otherwise leaves it in `passing` to the thread that does.
     * `caller` decides: a sink is called by one thread at a time. The thread that dispatches entries
     * is the only one that waits for its turn, for the end of one call, during which no other
     * ephemeral message is handed out; so ephemeral messages cannot keep entries waiting. A thread
     * hands out a bounded number after its own call. What is left then is dropped: it came faster
     * than the sinks take it.
     *
     * Once a subscriber is off the list, only the call that is running can still reach it. Closing
     * therefore waits for the end of that call, unless the calling thread itself closes; the flag
     * `closed` keeps it from calling a subscriber that it has closed.
     */
    private static final Logger LOGGER = System.getLogger(Subscribers.class.getName());

    private static final long CLOSE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Subscriber[] NONE = {};

    private final String topic;
    private Subscriber[] subscribers = NONE; // guarded by this, as are the next six; never changed
    private final Passing passing = new Passing();
    private @Nullable Thread caller;
    private boolean entryWaits; // for the end of the running call
    private long calls;
    private int waiting;
    private boolean over;
    private volatile @Nullable Position cursor; // written under the lock

    Subscribers(String topic) {
        this.topic = topic;
    }

    /**
     * {@return the position up to which everything was dispatched or told of as a gap; null before
     * the beginning}
     */
    @Nullable Position cursor() {
        return cursor;
    }

    /** Moves the cursor to a position before which nothing is left. For the dispatching thread. */
    synchronized void moveTo(Position position) {
        cursor = position;
    }

    synchronized boolean isEmpty() {
        return subscribers.length == 0;
    }

    /** Moves the cursor to {@code position}, and calls each sink. For the dispatching thread. */
    void dispatch(Position position, Consumer<Broker.Sink> call) {
        Subscriber[] targets;
        synchronized (this) {
            awaitCaller();
            cursor = position;
            targets = subscribers;
            caller = Thread.currentThread();
        }
        callAll(targets, call);
        handOutPassing();
    }

    /**
     * Calls each sink with an ephemeral message, or leaves that to the thread that calls them now.
     */
    void broadcast(EphemeralMessage message) {
        synchronized (this) {
            if (subscribers.length == 0) {
                return;
            }
            passing.add(message);
            if (caller != null || entryWaits) {
                return;
            }
            caller = Thread.currentThread();
        }
        handOutPassing();
    }

    /** For the caller, after its own call. It is the caller no more when this returns. */
    private void handOutPassing() {
        for (int i = 0; ; i++) {
            EphemeralMessage message;
            Subscriber[] targets;
            synchronized (this) {
                calls++;
                if (i == Passing.MAX_MESSAGES) {
                    passing.clear();
                }
                message = entryWaits ? null : passing.poll();
                targets = subscribers;
                if (message == null) {
                    caller = null;
                }
                if (waiting > 0) {
                    notifyAll();
                }
            }
            if (message == null) {
                return;
            }
            callAll(targets, message);
        }
    }

    private static void callAll(Subscriber[] targets, EphemeralMessage message) {
        callAll(targets, sink -> sink.ephemeral(message));
    }

    private static void callAll(Subscriber[] targets, Consumer<Broker.Sink> call) {
        for (Subscriber subscriber : targets) {
            if (!subscriber.closed) {
                subscriber.call(call);
            }
        }
    }

    /**
     * Waits, under the lock, until no other thread calls the sinks: no longer than this thread
     * would be kept if it made that call itself.
     */
    private void awaitCaller() {
        boolean interrupted = false;
        while (caller != null) {
            entryWaits = true;
            waiting++;
            try {
                wait();
            } catch (InterruptedException _) {
                interrupted = true; // an entry may not be skipped
            }
            waiting--;
        }
        entryWaits = false;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Adds a sink, which starts at {@code cursor()}. {@code onEmpty} runs when the last one is
     * closed.
     */
    synchronized Broker.Subscription join(Broker.Sink sink, Runnable onEmpty) {
        Position start = cursor;
        if (over || start == null) {
            throw new IllegalStateException("the broker is closed");
        }
        var subscriber = new Subscriber(sink, start, onEmpty);
        Subscriber[] more = Arrays.copyOf(subscribers, subscribers.length + 1);
        more[subscribers.length] = subscriber;
        subscribers = more;
        return subscriber;
    }

    /** Ends all subscriptions for good. {@return whether it was called from within a sink} */
    boolean end() {
        boolean quiet;
        synchronized (this) {
            over = true;
            for (Subscriber subscriber : subscribers) {
                subscriber.closed = true;
            }
            subscribers = NONE;
            if (caller == Thread.currentThread()) {
                return true;
            }
            quiet = awaitCall();
        }
        warnUnless(quiet);
        return false;
    }

    private void leave(Subscriber subscriber) {
        boolean last;
        boolean quiet;
        synchronized (this) {
            subscriber.closed = true;
            last = remove(subscriber) && subscribers.length == 0;
            quiet = awaitCall();
        }
        warnUnless(quiet);
        if (last) {
            subscriber.onEmpty.run();
        }
    }

    private boolean remove(Subscriber subscriber) {
        int index = Arrays.asList(subscribers).indexOf(subscriber);
        if (index < 0) {
            return false;
        }
        var fewer = new Subscriber[subscribers.length - 1];
        System.arraycopy(subscribers, 0, fewer, 0, index);
        System.arraycopy(subscribers, index + 1, fewer, index, fewer.length - index);
        subscribers = fewer;
        return true;
    }

    /** Waits until the running call is over. {@return false if it gave up, as a sink blocks} */
    private boolean awaitCall() {
        long running = calls;
        long deadline = System.nanoTime() + CLOSE_TIMEOUT_NANOS;
        boolean interrupted = false;
        waiting++;
        while (isRunning(running)) {
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
        waiting--;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !isRunning(running);
    }

    private boolean isRunning(long call) {
        return caller != null && caller != Thread.currentThread() && calls == call;
    }

    private void warnUnless(boolean quiet) {
        if (!quiet) {
            LOGGER.log(Level.WARNING, "a sink blocks, and is closed while called topic={0}", topic);
        }
    }

    /** One subscription. */
    private final class Subscriber implements Broker.Subscription {

        private final Broker.Sink sink;
        private final Position start;
        private final Runnable onEmpty;
        private boolean failed; // read and written by the dispatching thread
        private volatile boolean closed;

        Subscriber(Broker.Sink sink, Position start, Runnable onEmpty) {
            this.sink = sink;
            this.start = start;
            this.onEmpty = onEmpty;
        }

        void call(Consumer<Broker.Sink> call) {
            try {
                call.accept(sink);
            } catch (Throwable e) { // the other sinks and the feed must go on, whatever it is
                if (!failed) {
                    failed = true;
                    LOGGER.log(Level.WARNING, "a sink failed topic=" + topic, e);
                }
            }
        }

        @Override
        public Position start() {
            return start;
        }

        @Override
        public void close() {
            leave(this);
        }
    }
}
