package dev.longwave.broker.postgres;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A queue of topics, each with its newest sequence, for one consumer. Safe for many threads. */
final class PendingTopics {

    private static final int MAX_TOPICS =
            50_000; // the tail check finds the events of topics beyond that

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Both guarded by lock.
    private Map<String, Long> topics = new HashMap<>();
    private boolean closed;

    void add(String topic, long sequence) {
        lock.lock();
        try {
            if (topics.size() < MAX_TOPICS || topics.containsKey(topic)) {
                boolean first = topics.isEmpty();
                topics.merge(topic, sequence, Math::max);
                if (first) {
                    changed.signal();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the queue is not empty, and takes everything.
     *
     * @param lingerMillis how long to wait for more topics after the first
     * @return the newest sequence of each topic; empty if the queue is closed
     */
    Map<String, Long> take(long lingerMillis) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (topics.isEmpty() && !closed) {
                changed.await();
            }
            long left = TimeUnit.MILLISECONDS.toNanos(lingerMillis);
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
            Map<String, Long> taken = closed ? Map.of() : topics;
            topics = new HashMap<>();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }
}
