package dev.longwave.broker.feed;

import dev.longwave.broker.Position;
import java.util.Objects;

/** Where the log of a topic ends. Immutable. */
public final class Tail {

    private final Position position;
    private final boolean empty;

    private Tail(Position position, boolean empty) {
        this.position = position;
        this.empty = empty;
    }

    /** {@return the tail of a log whose newest entry stands at {@code position}} */
    public static Tail at(Position position) {
        return new Tail(position, false);
    }

    /**
     * {@return the tail of a log without entries, in which all that follow stand after {@code
     * position}}
     */
    public static Tail empty(Position position) {
        return new Tail(position, true);
    }

    /**
     * {@return the position of the newest entry; if the log has none, one that no entry of the
     * topic stands beyond, and after which nothing has been trimmed}
     */
    public Position position() {
        return position;
    }

    /** {@return whether the log has no entry, and so does not know what it had} */
    public boolean isEmpty() {
        return empty;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tail that && empty == that.empty && position.equals(that.position);
    }

    @Override
    public int hashCode() {
        return Objects.hash(position, empty);
    }

    @Override
    public String toString() {
        return "Tail[position=" + position + ", empty=" + empty + "]";
    }
}
