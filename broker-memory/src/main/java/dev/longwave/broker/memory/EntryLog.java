package dev.longwave.broker.memory;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one topic that are still kept, oldest first, by an index that counts them from 1.
 * For one thread at a time.
 */
final class EntryLog {
    /*
     * A ring whose length is a power of two, so that an index needs no translation. It grows by
     * doubling as far as retention lets it, and goes back to nothing when the last entry leaves: a
     * quiet topic pays for what it has.
     *
     * Positions rise with the indices, with holes: entries of other topics have those between.
     */
    private static final @Nullable Entry[] NOTHING = {};
    private static final int SMALLEST = 4;

    /** What an entry costs beside its data: itself, position, time, message, array and slot. */
    private static final int ENTRY_BYTES = 160;

    /** What a string costs beside its characters. */
    private static final int STRING_BYTES = 56;

    /** What attributes cost beside their names and values. */
    private static final int ATTRIBUTES_BYTES = 48;

    private @Nullable Entry[] ring = NOTHING;
    private long first = 1;
    private long tail;
    private Position before; // the position of the newest entry removed
    private long bytes;

    /** An empty log whose entries come after {@code before}. */
    EntryLog(Position before) {
        this.before = before;
    }

    /** {@return the index of the newest entry, kept or not; 0 if there was none} */
    long tail() {
        return tail;
    }

    /** {@return the index of the oldest entry kept, or of the next one if there is none} */
    long first() {
        return first;
    }

    int size() {
        return (int) (tail - first + 1);
    }

    boolean isEmpty() {
        return first > tail;
    }

    /** {@return whether an entry was removed} */
    boolean hasLost() {
        return first > 1;
    }

    /** {@return what the entries cost, near enough} */
    long bytes() {
        return bytes;
    }

    Entry get(long index) {
        return Objects.requireNonNull(ring[slot(index)]);
    }

    /**
     * {@return the position of the entry at {@code index}, from the one before {@link #first()},
     * removed or never there, to {@link #tail()}}
     */
    Position position(long index) {
        return index < first ? before : get(index).position();
    }

    /**
     * {@return the index of the oldest entry after {@code position}, of the next one if none is}
     */
    long indexAfter(Position position) {
        long low = first;
        long high = tail + 1;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (get(middle).position().isAfter(position)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Adds an entry after all others. */
    void append(Entry entry) {
        if (size() == ring.length) {
            grow();
        }
        tail++;
        ring[slot(tail)] = entry;
        bytes += cost(entry.message());
    }

    Entry removeFirst() {
        Entry entry = get(first);
        ring[slot(first)] = null;
        first++;
        before = entry.position();
        bytes -= cost(entry.message());
        if (isEmpty()) {
            ring = NOTHING;
        }
        return entry;
    }

    private void grow() {
        var larger = new @Nullable Entry[Math.max(SMALLEST, 2 * ring.length)];
        for (long index = first; index <= tail; index++) {
            larger[(int) index & (larger.length - 1)] = get(index);
        }
        ring = larger;
    }

    private int slot(long index) {
        return (int) index & (ring.length - 1);
    }

    private static long cost(Message message) {
        return ENTRY_BYTES
                + message.data().length
                + cost(message.attributes())
                + cost(message.id())
                + cost(message.type())
                + cost(message.key());
    }

    private static long cost(Attributes attributes) {
        return attributes.isEmpty()
                ? 0
                : ATTRIBUTES_BYTES + attributes.bytes() + 2L * attributes.size() * STRING_BYTES;
    }

    private static long cost(@Nullable String text) {
        return text == null ? 0 : STRING_BYTES + Characters.bytes(text);
    }
}
