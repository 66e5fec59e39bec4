package dev.longwave.broker.feed;

import dev.longwave.broker.EphemeralMessage;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The newest ephemeral messages of a topic that wait for their turn at the sinks. The oldest are
 * dropped where there is no room.
 */
final class Passing {

    static final int MAX_MESSAGES = 64;
    static final int MAX_BYTES = 1 << 20;

    private final ArrayDeque<EphemeralMessage> messages = new ArrayDeque<>(0);
    private int bytes;

    void add(EphemeralMessage message) {
        messages.add(message);
        bytes += message.message().size();
        while (messages.size() > MAX_MESSAGES || (bytes > MAX_BYTES && messages.size() > 1)) {
            var _ = poll();
        }
    }

    @Nullable EphemeralMessage poll() {
        EphemeralMessage first = messages.poll();
        if (first != null) {
            bytes -= first.message().size();
        }
        return first;
    }

    void clear() {
        messages.clear();
        bytes = 0;
    }
}
