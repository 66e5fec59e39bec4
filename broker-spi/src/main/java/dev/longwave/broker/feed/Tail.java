package dev.longwave.broker.feed;

import dev.longwave.broker.Position;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where the log of a topic ends. Immutable. */
public final class Tail {

    private final Position position;
    private final boolean empty;
    private final @Nullable Position intactAfter;
    private final @Nullable Position erasedUpTo;

    private Tail(
            Position position,
            boolean empty,
            @Nullable Position intactAfter,
            @Nullable Position erasedUpTo) {
        this.position = position;
        this.empty = empty;
        this.intactAfter = intactAfter;
        this.erasedUpTo = erasedUpTo;
    }

    /** {@return the tail of a log whose newest entry stands at {@code position}} */
    public static Tail at(Position position) {
        return new Tail(position, false, null, null);
    }

    /**
     * {@return the tail of a log without entries, in which all that follow stand after {@code
     * position}}
     */
    public static Tail empty(Position position) {
        return new Tail(position, true, null, null);
    }

    /**
     * {@return the same, of a log that may trim an entry before ten resync periods have passed}
     *
     * @param intactAfter a position after which the log has trimmed nothing, as known after it was
     *     found to be empty. A reader that is not there yet may have missed an entry that is gone:
     *     the feed then reads from the log, whose coverage decides
     */
    public static Tail empty(Position position, Position intactAfter) {
        return new Tail(position, true, intactAfter, null);
    }

    /**
     * {@return the same tail of a log that was {@linkplain dev.longwave.broker.Broker#delete
     * erased} once}
     *
     * @param upTo the last position that was erased; null for none
     */
    public Tail erased(@Nullable Position upTo) {
        return new Tail(position, empty, intactAfter, upTo);
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

    /**
     * {@return a position after which an empty log has trimmed nothing; null if only the time for
     * which it keeps entries tells}
     */
    @Nullable Position intactAfter() {
        return intactAfter;
    }

    /** {@return the last position that was erased, if the log knows of one} */
    @Nullable Position erasedUpTo() {
        return erasedUpTo;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tail that
                && empty == that.empty
                && position.equals(that.position)
                && Objects.equals(intactAfter, that.intactAfter)
                && Objects.equals(erasedUpTo, that.erasedUpTo);
    }

    @Override
    public int hashCode() {
        return Objects.hash(position, empty, intactAfter, erasedUpTo);
    }

    @Override
    public String toString() {
        return "Tail[position=" + position + ", empty=" + empty + "]";
    }
}
