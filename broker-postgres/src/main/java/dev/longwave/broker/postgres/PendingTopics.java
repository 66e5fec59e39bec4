package dev.longwave.broker.postgres;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A queue of topics, each with the place of its newest event, for one consumer. Safe for many
 * threads.
 */
final class PendingTopics {

    private static final int MAX_TOPICS =
            50_000; // the tail check finds the events of topics beyond that

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Both guarded by lock.
    private Map<String, Announcement.Place> topics = new HashMap<>();
    private boolean closed;

    void add(String topic, Announcement.Place place) {
        lock.lock();
        try {
            if (topics.size() < MAX_TOPICS || topics.containsKey(topic)) {
                boolean first = topics.isEmpty();
                topics.merge(topic, place, Announcement.Place::max);
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
     * @return the place of the newest event of each topic; empty if the queue is closed
     */
    Map<String, Announcement.Place> take(long lingerMillis) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (topics.isEmpty() && !closed) {
                changed.await();
            }
            long left = TimeUnit.MILLISECONDS.toNanos(lingerMillis);
            while (left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
            Map<String, Announcement.Place> taken = closed ? Map.of() : topics;
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
