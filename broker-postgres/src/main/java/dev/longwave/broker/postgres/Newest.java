package dev.longwave.broker.postgres;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A queue of topics with the newest sequence of each, for one thread to take them. Safe for many
 * threads.
 */
final class Newest {

    private static final int MAX_TOPICS = 50_000; // beyond that, the tail check finds them

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Map<String, Long> topics = new HashMap<>(); // guarded by lock, as is the next
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
     * {@return all that is there, once there is anything; nothing if closed}
     *
     * @param lingerMillis how long to wait for more
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
