package dev.longwave.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Signals the subscribers of topics that have news, by threads of its own where there are many.
 *
 * <p>The thread that brings an event pays for a queue entry per {@value Subscribers#SHARD_SLOTS}
 * subscribers, whatever their number.
 */
final class FanOut implements AutoCloseable {
    /*
     * A shard waits in the queue at most once, however many events came meanwhile: the queue is bounded by
     * the number of shards, and bursts coalesce.
     */

    /**
     * Up to this many subscribers are signalled by the thread that brought the event: cheaper than
     * a hop.
     */
    static final int INLINE_SUBSCRIBERS = 8;

    private static final System.Logger LOGGER = System.getLogger(FanOut.class.getName());

    private final BlockingQueue<Subscribers.Shard> queue = new LinkedBlockingQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    FanOut(int threadCount) {
        for (int i = 1; i <= threadCount; i++) {
            threads.add(
                    Thread.ofPlatform().daemon().name("longwave-fan-out-" + i).start(this::run));
        }
    }

    /** Signals {@code subscribers}, soon. Does not block. */
    void signal(Subscribers subscribers) {
        List<Subscribers.Shard> shards = subscribers.shards();
        if (subscribers.count() <= INLINE_SUBSCRIBERS) {
            shards.forEach(Subscribers.Shard::signalAll);
            return;
        }
        for (Subscribers.Shard shard : shards) {
            if (shard.claimQueueing()) {
                queue.add(shard);
            }
        }
    }

    private void run() {
        try {
            while (true) {
                Subscribers.Shard shard = queue.take();
                shard.dequeued();
                shard.signalAll();
            }
        } catch (InterruptedException _) {
            // Closed.
        } catch (RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.ERROR, "fan-out thread ended, streams will stall", e);
            throw e;
        }
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
    }
}
