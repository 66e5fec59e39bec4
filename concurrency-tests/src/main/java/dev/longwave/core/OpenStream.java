package dev.longwave.core;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A stream that is being served by a virtual thread of its own. */
final class OpenStream implements DirectWriter<NumberBatch> {
    /*
     * A stream that sleeps beside an event never wakes up, so a test finds out by waiting longer than any
     * machine takes. It waits that long once: after the first failure the result no longer matters.
     */
    private static final Duration WATCHDOG = Duration.ofMinutes(2);
    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(5);

    private static volatile boolean oneSlept;

    private final Outbox<NumberBatch> outbox;
    private final NumberBatch batch = new NumberBatch();
    private final Thread thread;

    @SuppressWarnings("NonAtomicVolatileUpdate") // written by the outbox's owner
    private volatile int received;

    /**
     * @param direct whether threads that signal it may write, besides its own
     * @param topics what it has subscribed to; it ends once all its topics have ended
     */
    OpenStream(boolean direct, LiveTopic... topics) {
        outbox = new Outbox<>(subscriptions(topics), true);
        if (direct) {
            outbox.writeDirectly(this);
        }
        thread = Thread.startVirtualThread(this::serve);
    }

    private static List<Subscription> subscriptions(LiveTopic... topics) {
        return Stream.of(topics).map(LiveTopic::subscription).toList();
    }

    private void serve() {
        while (outbox.take(batch)) {
            received = batch.after(received);
            batch.clear();
        }
        outbox.leave();
    }

    @Override
    public NumberBatch batch() {
        return batch;
    }

    @Override
    public boolean tryWrite(NumberBatch events) {
        received = events.after(received);
        return true;
    }

    Outbox<NumberBatch> outbox() {
        return outbox;
    }

    /** The numbers of the events that it has received, one digit each. */
    int received() {
        return received;
    }

    /** Waits until it has received just {@code numbers}. */
    boolean awaitReceived(int numbers) {
        return await(() -> received == numbers);
    }

    /** Waits until its topics have ended it. */
    boolean awaitEnd() {
        return await(() -> !thread.isAlive());
    }

    /** Waits for what must happen soon. Whether it has happened. */
    static boolean await(BooleanSupplier condition) {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (oneSlept || System.nanoTime() - began > WATCHDOG.toNanos()) {
                oneSlept = true;
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }
}
