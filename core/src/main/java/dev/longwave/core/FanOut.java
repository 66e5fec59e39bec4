package dev.longwave.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Signals the subscribers of topics that have new events, on threads of its own where there are
 * many.
 *
 * <p>The thread that appends an event pays for a queue entry, however many subscribers there are.
 */
final class FanOut implements AutoCloseable {
    /*
     * A topic waits in the queue at most once, however many events came meanwhile: the queue is bounded by
     * the number of topics, and bursts coalesce. Each time it comes out, one shard is signalled, and the
     * topic goes to the queue's end: a broadcast to many does not hold up other topics for longer than a
     * shard takes, and several threads can be at one topic.
     *
     * No signal is lost: the appending thread stores the event, then marks the subscribers, and then queues
     * the topic unless it is queued. A thread that finds nothing to do clears `queued` and then looks for
     * marks again. All of this is volatile, so one of the two sees the other. A mark on a shard is cleared
     * before the shard is signalled, and its subscribers look at the log after that.
     */

    /**
     * Up to this many subscribers are signalled by the thread that appended the event, which is
     * cheaper than a hop.
     */
    static final int INLINE_SUBSCRIBERS = 8;

    private static final System.Logger LOGGER = System.getLogger(FanOut.class.getName());

    private final BlockingQueue<Subscribers> queue = new LinkedBlockingQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    FanOut(int threadCount) {
        for (int i = 1; i <= threadCount; i++) {
            threads.add(
                    Thread.ofPlatform().daemon().name("longwave-fan-out-" + i).start(this::run));
        }
    }

    /** Signals {@code subscribers}, soon. Does not block. */
    void signal(Subscribers subscribers) {
        if (subscribers.count() <= INLINE_SUBSCRIBERS) {
            subscribers.signalAll();
            return;
        }
        subscribers.markAll();
        if (subscribers.claimQueueing()) {
            queue.add(subscribers);
        }
    }

    private void run() {
        var throttle = new Throttle();
        try {
            while (true) {
                Subscribers subscribers = queue.take();
                Subscribers.Shard shard = subscribers.next();
                if (shard != null) {
                    queue.add(subscribers);
                    signalAll(shard, throttle);
                } else if (subscribers.dequeued()) {
                    queue.add(subscribers);
                }
            }
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    private static void signalAll(Subscribers.Shard shard, Throttle throttle)
            throws InterruptedException {
        try {
            shard.signalAll(throttle);
        } catch (RuntimeException | Error e) {
            // This thread must go on: all other topics need it.
            LOGGER.log(System.Logger.Level.ERROR, "signalling subscribers failed", e);
        }
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
    }
}
