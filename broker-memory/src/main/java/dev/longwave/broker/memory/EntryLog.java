package dev.longwave.broker.memory;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one topic that are still kept: a contiguous run of sequences. For one thread at a
 * time.
 */
final class EntryLog {
    /*
     * A ring whose length is a power of two, so that a sequence is its own index. It grows by
     * doubling as far as retention lets it, and goes back to nothing when the last entry leaves: a
     * quiet topic pays for what it has.
     */
    private static final @Nullable Entry[] NOTHING = {};
    private static final int SMALLEST = 4;

    /** What an entry costs beside its data: itself, position, time, message, array and slot. */
    private static final int ENTRY_BYTES = 160;

    /** What a string costs beside its characters. */
    private static final int STRING_BYTES = 56;

    private @Nullable Entry[] ring = NOTHING;
    private long first;
    private long tail;
    private long bytes;

    /** An empty log whose next entry follows {@code tail}. */
    EntryLog(long tail) {
        this.tail = tail;
        this.first = tail + 1;
    }

    /** {@return the sequence of the newest entry, kept or not} */
    long tail() {
        return tail;
    }

    /** {@return the sequence of the oldest entry kept, or of the next one if there is none} */
    long first() {
        return first;
    }

    int size() {
        return (int) (tail - first + 1);
    }

    boolean isEmpty() {
        return first > tail;
    }

    /** {@return what the entries cost, near enough} */
    long bytes() {
        return bytes;
    }

    Entry get(long sequence) {
        return Objects.requireNonNull(ring[index(sequence)]);
    }

    /** Adds the entry whose sequence is {@code tail() + 1}. */
    void append(Entry entry) {
        if (size() == ring.length) {
            grow();
        }
        tail++;
        ring[index(tail)] = entry;
        bytes += cost(entry.message());
    }

    Entry removeFirst() {
        Entry entry = get(first);
        ring[index(first)] = null;
        first++;
        bytes -= cost(entry.message());
        if (isEmpty()) {
            ring = NOTHING;
        }
        return entry;
    }

    private void grow() {
        var larger = new @Nullable Entry[Math.max(SMALLEST, 2 * ring.length)];
        for (long sequence = first; sequence <= tail; sequence++) {
            larger[(int) sequence & (larger.length - 1)] = get(sequence);
        }
        ring = larger;
    }

    private int index(long sequence) {
        return (int) sequence & (ring.length - 1);
    }

    private static long cost(Message message) {
        return ENTRY_BYTES
                + message.data().length
                + cost(message.id())
                + cost(message.type())
                + cost(message.key());
    }

    private static long cost(@Nullable String text) {
        return text == null ? 0 : STRING_BYTES + text.length();
    }
}
