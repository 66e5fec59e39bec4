package dev.longwave.broker.feed;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Position;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The newest live messages of a topic that cannot be handed out yet, in the order they came. The
 * oldest are dropped where there is no room: the log has them, and the {@code previous} of what is
 * left tells that they are missing.
 */
final class Waiting {

    static final int MAX_MESSAGES = 256;
    static final int MAX_BYTES = 1 << 20;

    private final ArrayDeque<Live> messages = new ArrayDeque<>(0);
    private int bytes;

    /** A message as it came. */
    record Live(@Nullable Position previous, Entry entry) {
        int bytes() {
            return entry.message().size();
        }
    }

    void add(Live message) {
        messages.add(message);
        bytes += message.bytes();
        while (messages.size() > MAX_MESSAGES || (bytes > MAX_BYTES && messages.size() > 1)) {
            removeFirst();
        }
    }

    @Nullable Live first() {
        return messages.peek();
    }

    void removeFirst() {
        bytes -= messages.remove().bytes();
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    void clear() {
        messages.clear();
        bytes = 0;
    }
}
