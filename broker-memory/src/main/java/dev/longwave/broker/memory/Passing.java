package dev.longwave.broker.memory;

import dev.longwave.broker.EphemeralMessage;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The newest ephemeral messages that wait for their turn between the entries of a log. The oldest
 * are dropped where there is no room.
 */
final class Passing {

    static final int MAX_MESSAGES = 256;
    static final int MAX_BYTES = 1 << 20;

    private final ArrayDeque<Waiting> messages = new ArrayDeque<>(0);
    private int bytes;
    private boolean overflowed;

    /** A message, and the index of the entry that it comes after. */
    private record Waiting(EphemeralMessage message, long after) {}

    /**
     * @param after the index of the log's last entry
     */
    void add(EphemeralMessage message, long after) {
        messages.add(new Waiting(message, after));
        bytes += message.message().size();
        while (messages.size() > MAX_MESSAGES || (bytes > MAX_BYTES && messages.size() > 1)) {
            removeFirst();
            overflowed = true;
        }
    }

    /**
     * {@return the next message that comes before the entry after {@code index}, if there is one}
     */
    @Nullable EphemeralMessage poll(long index) {
        Waiting first = messages.peek();
        if (first == null || first.after > index) {
            return null;
        }
        removeFirst();
        return first.message;
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    /** {@return whether any was dropped since this was last asked} */
    boolean takeOverflowed() {
        boolean taken = overflowed;
        overflowed = false;
        return taken;
    }

    void clear() {
        messages.clear();
        bytes = 0;
    }

    private void removeFirst() {
        bytes -= messages.remove().message.message().size();
    }
}
