package dev.longwave.server.explain;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The latest things of a kind, as many as fit into so many bytes. Safe for many threads. */
final class Recent<T> {

    private final long maxBytes;
    private final ToLongFunction<T> size;
    private final Function<T, Instant> time;
    private final Deque<T> kept = new ArrayDeque<>(); // these three are guarded by this
    private long bytes;
    private @Nullable Instant forgottenUntil;

    /**
     * @param size how many bytes one takes, about
     * @param time when it happened
     */
    Recent(long maxBytes, ToLongFunction<T> size, Function<T, Instant> time) {
        this.maxBytes = maxBytes;
        this.size = size;
        this.time = time;
    }

    synchronized void add(T thing) {
        kept.add(thing);
        bytes += size.applyAsLong(thing);
        while (bytes > maxBytes) {
            T oldest = kept.remove();
            bytes -= size.applyAsLong(oldest);
            forgottenUntil = time.apply(oldest);
        }
    }

    /** {@return those that {@code which} selects, latest first} */
    List<T> find(Predicate<T> which) {
        List<T> found;
        synchronized (this) {
            found = new ArrayList<>(kept);
        }
        found.removeIf(which.negate());
        return found.reversed();
    }

    /** {@return when the latest happened that is not here any more; null if all are here} */
    synchronized @Nullable Instant forgottenUntil() {
        return forgottenUntil;
    }
}
