package dev.longwave.broker.memory;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** How much all topics keep together, and which of them was used least recently. */
final class Budget {

    private final long maxBytes;
    private final AtomicLong used = new AtomicLong();
    private final SequencedSet<Topic> byUse = new LinkedHashSet<>(); // guarded by itself

    Budget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    void add(long bytes) {
        used.addAndGet(bytes);
    }

    long used() {
        return used.get();
    }

    /** {@return by how much the budget is exceeded, at most 0 if it is not} */
    long excess() {
        return used.get() - maxBytes;
    }

    /** {@return how much to free at once, so that the next publishes find room} */
    long slack() {
        return maxBytes >> 6;
    }

    /** Makes {@code topic} the one used most recently. */
    void use(Topic topic) {
        synchronized (byUse) {
            // Who forgets a topic marks it first and removes it here second, so it cannot stay.
            if (!topic.isForgotten()) {
                byUse.addLast(topic);
            }
        }
    }

    void remove(Topic topic) {
        synchronized (byUse) {
            byUse.remove(topic);
        }
    }

    /** Takes out the topic used least recently. */
    @Nullable Topic takeLeastRecent() {
        synchronized (byUse) {
            return byUse.isEmpty() ? null : byUse.removeFirst();
        }
    }

    /** Puts back what was taken out, unless it was used meanwhile. */
    void putBack(Topic topic) {
        synchronized (byUse) {
            if (!topic.isForgotten() && !byUse.contains(topic)) {
                byUse.addFirst(topic);
            }
        }
    }
}
