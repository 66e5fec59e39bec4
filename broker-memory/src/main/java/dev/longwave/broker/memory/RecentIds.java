package dev.longwave.broker.memory;

import dev.longwave.broker.Position;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The message ids that one topic has seen lately, and the position that each was given. For one
 * thread at a time.
 */
final class RecentIds {

    /** What an id costs beside its characters: map node, table slot, value and string. */
    private static final int ID_BYTES = 160;

    /** What it costs to remember any: this, and the map with its table. */
    private static final int MAP_BYTES = 160;

    private final MemorySettings settings;
    private final Map<String, Seen> seen = new LinkedHashMap<>(); // oldest first
    private long bytes;

    private record Seen(Position position, long time) {}

    RecentIds(MemorySettings settings) {
        this.settings = settings;
    }

    /** {@return the position of the message with this id, if it is still remembered} */
    @Nullable Position find(String id) {
        Seen found = seen.get(id);
        return found == null ? null : found.position;
    }

    /** Remembers an id that is not known. */
    void add(String id, Position position, long now) {
        seen.put(id, new Seen(position, now));
        bytes += ID_BYTES + id.length();
        if (seen.size() > settings.dedupCount()) {
            Iterator<String> oldest = seen.keySet().iterator();
            bytes -= ID_BYTES + oldest.next().length();
            oldest.remove();
        }
    }

    /** Forgets the ids that are older than the window. */
    void expire(long now) {
        long oldestKept = now - settings.dedupWindow().toMillis();
        Iterator<Map.Entry<String, Seen>> oldest = seen.entrySet().iterator();
        while (oldest.hasNext()) {
            Map.Entry<String, Seen> id = oldest.next();
            if (id.getValue().time >= oldestKept) {
                return;
            }
            bytes -= ID_BYTES + id.getKey().length();
            oldest.remove();
        }
    }

    boolean isEmpty() {
        return seen.isEmpty();
    }

    /** {@return what the ids cost, near enough} */
    long bytes() {
        return MAP_BYTES + bytes;
    }
}
