package dev.longwave.broker.nats;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The newest sequence that this node has had accepted in each topic that it published to lately.
 * Safe for many threads.
 */
final class LastAccepted {

    private static final int MAX_TOPICS = 4096;

    private final LinkedHashMap<String, Long> sequences = // guarded by this
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                    return size() > MAX_TOPICS;
                }
            };

    synchronized void put(String topic, long sequence) {
        sequences.merge(topic, sequence, Math::max);
    }

    /** {@return the sequence, or 0 if there is none} */
    synchronized long get(String topic) {
        return sequences.getOrDefault(topic, 0L);
    }
}
