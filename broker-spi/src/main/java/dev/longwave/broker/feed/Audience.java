package dev.longwave.broker.feed;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Position;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sinks of one topic, and how far they have come. */
final class Audience {
    /*
     * One thread at a time hands out: the Sequencer sees to that. It moves the cursor and takes the
     * listeners of that moment in one step, and calls them outside the lock. A new listener takes
     * the cursor as its start in one step with being added: so it gets what comes after its start,
     * all of it, and nothing else.
     *
     * Once a listener is off the list, only the call that is running can still reach it. Leaving
     * therefore waits until that is over, unless it is the calling thread itself that leaves; the
     * `closed` flag keeps it from calling what it has closed.
     */
    private static final Logger LOGGER = System.getLogger(Audience.class.getName());

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Listener[] NOBODY = {};

    private final String topic;
    private Listener[] listeners = NOBODY; // guarded by this, as are the next four; never changed
    private @Nullable Thread caller;
    private long calls;
    private int waiting;
    private boolean over;
    private volatile @Nullable Position cursor; // written under the lock

    Audience(String topic) {
        this.topic = topic;
    }

    /** {@return up to where everything was handed out or told of; null before the beginning} */
    @Nullable Position cursor() {
        return cursor;
    }

    /** Moves the cursor, as nothing lies between. By whoever may hand out. */
    synchronized void moveTo(Position position) {
        cursor = position;
    }

    synchronized boolean isEmpty() {
        return listeners.length == 0;
    }

    /** Calls each sink, and moves the cursor to {@code position}. By whoever may hand out. */
    void handOut(Position position, Consumer<Broker.Sink> call) {
        Listener[] targets;
        synchronized (this) {
            cursor = position;
            targets = listeners;
            caller = Thread.currentThread();
        }
        for (Listener listener : targets) {
            if (!listener.closed) {
                listener.call(call);
            }
        }
        synchronized (this) {
            caller = null;
            calls++;
            if (waiting > 0) {
                notifyAll();
            }
        }
    }

    /** Adds a sink, which starts at {@code cursor()}. {@code onLeft} runs when nobody is left. */
    synchronized Broker.Subscription join(Broker.Sink sink, Runnable onLeft) {
        Position start = cursor;
        if (over || start == null) {
            throw new IllegalStateException("the broker is closed");
        }
        var listener = new Listener(sink, start, onLeft);
        Listener[] more = Arrays.copyOf(listeners, listeners.length + 1);
        more[listeners.length] = listener;
        listeners = more;
        return listener;
    }

    /** Ends all subscriptions for good. {@return whether it was called from within a sink} */
    boolean end() {
        boolean quiet;
        synchronized (this) {
            over = true;
            for (Listener listener : listeners) {
                listener.closed = true;
            }
            listeners = NOBODY;
            if (caller == Thread.currentThread()) {
                return true;
            }
            quiet = awaitCall();
        }
        warnUnless(quiet);
        return false;
    }

    private void leave(Listener listener) {
        boolean last;
        boolean quiet;
        synchronized (this) {
            listener.closed = true;
            last = remove(listener) && listeners.length == 0;
            quiet = awaitCall();
        }
        warnUnless(quiet);
        if (last) {
            listener.onLeft.run();
        }
    }

    private boolean remove(Listener listener) {
        int index = Arrays.asList(listeners).indexOf(listener);
        if (index < 0) {
            return false;
        }
        var fewer = new Listener[listeners.length - 1];
        System.arraycopy(listeners, 0, fewer, 0, index);
        System.arraycopy(listeners, index + 1, fewer, index, fewer.length - index);
        listeners = fewer;
        return true;
    }

    /** Waits until the running call is over. {@return false if it gave up, as a sink blocks} */
    private boolean awaitCall() {
        long running = calls;
        long deadline = System.nanoTime() + PATIENCE_NANOS;
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
                // To leave now would break the promise that the sink is not called any more.
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
    private final class Listener implements Broker.Subscription {

        private final Broker.Sink sink;
        private final Position start;
        private final Runnable onLeft;
        private boolean failed; // read and written by whoever may hand out
        private volatile boolean closed;

        Listener(Broker.Sink sink, Position start, Runnable onLeft) {
            this.sink = sink;
            this.start = start;
            this.onLeft = onLeft;
        }

        void call(Consumer<Broker.Sink> call) {
            try {
                call.accept(sink);
            } catch (Throwable e) { // whatever it is, the other sinks and the feed go on
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
