package dev.longwave.broker.memory;

import dev.longwave.broker.Position;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** The newest positions of several topics. For one thread. */
final class Newest {

    private final PriorityQueue<Position> kept =
            new PriorityQueue<>(Comparator.comparingLong(Position::major));
    private final int max;

    /**
     * @param max how many to keep, 1 or more
     */
    Newest(int max) {
        this.max = max;
    }

    /** {@return whether {@code position} is one of the newest so far; if not, no earlier one is} */
    boolean add(Position position) {
        kept.add(position);
        return kept.size() <= max || !kept.remove().equals(position);
    }

    /** {@return the oldest of them, or null if there is none} */
    @Nullable Position oldest() {
        return kept.peek();
    }
}
