package dev.longwave.server.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * A coarse timer wheel: its elements are in random sectors, each of which is visited once in a
 * turn. Safe for many threads, but {@link #tick} is for one.
 *
 * @param <E> what is visited
 */
final class Wheel<E> {

    private static final int MAX_SECTORS = 128;
    private static final Duration SHORTEST_TICK = Duration.ofMillis(20);

    private final List<Set<E>> sectors = new ArrayList<>();
    private final Duration turn;
    private final long[] visited; // when each sector was, in nanoseconds; the ticking thread's own
    private int next; // likewise

    /**
     * An empty wheel.
     *
     * @param turn how often each sector is visited
     * @param nanos the present, as {@link System#nanoTime} tells it
     */
    Wheel(Duration turn, long nanos) {
        this.turn = turn;
        int count = Math.clamp(turn.dividedBy(SHORTEST_TICK), 1, MAX_SECTORS);
        for (int i = 0; i < count; i++) {
            sectors.add(ConcurrentHashMap.newKeySet());
        }
        visited = new long[count];
        Arrays.fill(visited, nanos - turn.toNanos());
    }

    /** {@return how often {@link #tick} is to be called} */
    Duration tickInterval() {
        return turn.dividedBy(sectors.size());
    }

    /** {@return a sector chosen at random, to add an element to and to remove it from} */
    Set<E> sector() {
        return sectors.get(ThreadLocalRandom.current().nextInt(sectors.size()));
    }

    /**
     * Visits the next sector, unless it was visited within the last half turn: a process that was
     * stopped for a while makes up for the ticks that it missed, all at once.
     *
     * @param nanos the present, as {@link System#nanoTime} tells it
     */
    void tick(long nanos, Consumer<Set<E>> visit) {
        int sector = next;
        next = (sector + 1) % visited.length;
        if (nanos - visited[sector] >= turn.toNanos() / 2) {
            visited[sector] = nanos;
            visit.accept(sectors.get(sector));
        }
    }

    /** Has {@code action} look at each element, one after the other. */
    void forEach(Consumer<E> action) {
        sectors.forEach(each -> each.forEach(action));
    }

    /** {@return all elements} */
    List<E> all() {
        List<E> all = new ArrayList<>();
        sectors.forEach(all::addAll);
        return all;
    }

    /** {@return how many elements there are} */
    int size() {
        return sectors.stream().mapToInt(Set::size).sum();
    }
}
