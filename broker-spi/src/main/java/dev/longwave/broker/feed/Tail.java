package dev.longwave.broker.feed;

import dev.longwave.broker.Position;

/**
 * Where the log of a topic ends.
 *
 * @param position of the newest entry; if the log has none, one that nothing of the topic stands
 *     beyond, and after which nothing has been trimmed
 * @param empty whether the log has no entry, and so does not know what it had
 */
public record Tail(Position position, boolean empty) {

    /** The tail of a log whose newest entry stands at {@code position}. */
    public static Tail at(Position position) {
        return new Tail(position, false);
    }

    /** The tail of a log without entries, in which all that follow stand after {@code position}. */
    public static Tail empty(Position position) {
        return new Tail(position, true);
    }
}
