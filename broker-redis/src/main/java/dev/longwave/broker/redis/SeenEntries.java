package dev.longwave.broker.redis;

import dev.longwave.broker.Position;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest entry of each topic that this node has published or received. A log that does not
 * reach there has lost its newest entries. Remembers the topics that were used last. Safe for many
 * threads.
 */
final class SeenEntries {

    private static final byte[] NONE = {};

    static final int MAX_TOPICS = 20_000; // at most a few megabytes

    // Guarded by this; the topic that was used last comes last.
    private final Map<String, Position> newest =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Position> eldest) {
                    return size() > MAX_TOPICS;
                }
            };

    /** There is an entry at {@code position}. */
    synchronized void add(String topic, Position position) {
        if (EntryIds.isMoment(position)) {
            return; // of no entry
        }
        newest.merge(
                topic,
                position,
                (known, now) -> known.sameEpoch(now) && known.isAfter(now) ? known : now);
    }

    /**
     * Adds the epoch and the id of the newest known entry of {@code topic}, as scripts take them.
     */
    void addTo(List<byte[]> values, String topic) {
        Position known = of(topic);
        values.add(known == null ? NONE : Keys.bytes(EntryIds.epochText(known.epoch())));
        values.add(known == null ? NONE : Keys.bytes(EntryIds.id(known)));
    }

    private synchronized @Nullable Position of(String topic) {
        return newest.get(topic);
    }
}
