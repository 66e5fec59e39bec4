package dev.longwave.server.sse;

import dev.longwave.broker.Message;
import dev.longwave.server.http.Problem;

/** Refuses events that would be too large for the clients of event streams. */
public final class BlockLimit {

    private final long maxBytes;

    /**
     * @param maxBytes 0 for no limit
     */
    public BlockLimit(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Checks an event before it is published.
     *
     * @throws dev.longwave.server.http.ProblemException if it would be larger on the stream of its
     *     topic, or of a pattern that matches it, than the limit allows
     */
    public void check(String topic, Message message) {
        if (maxBytes > 0 && SseFormat.maxLength(topic, message) > maxBytes) {
            throw Problem.blockTooLarge(maxBytes).exception();
        }
    }
}
