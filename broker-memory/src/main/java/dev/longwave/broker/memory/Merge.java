package dev.longwave.broker.memory;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The oldest entries of several topics after a position, up to another one. Topics add to it one by
 * one, each its oldest entry first. For one thread.
 */
final class Merge {
    /*
     * It keeps as many entries as are wanted, the oldest that it has seen, and remembers the oldest
     * that it turned away: all that is before that one is here. A topic that tells of a loss moves
     * the start beyond it, and what was added from before the loss does not count any more. So it
     * can turn out in the end that the entries turned away are the ones wanted.
     */
    private final PriorityQueue<Entry> kept =
            new PriorityQueue<>(Comparator.comparingLong((Entry e) -> -e.position().major()));

    private final Position last;
    private final int max;
    private Position after;
    private @Nullable Position turnedAway;

    /**
     * @param after the position that the entries come after
     * @param last the last position that counts
     * @param max how many to keep, 1 or more
     */
    Merge(Position after, Position last, int max) {
        this.after = after;
        this.last = last;
        this.max = max;
    }

    /** {@return the position that the entries come after, moved beyond what is lost} */
    Position after() {
        return after;
    }

    /** Says that an entry at {@code position} is lost, and maybe others before it. */
    void lost(Position position) {
        if (position.isAfter(after)) {
            after = position;
        }
    }

    /** {@return whether {@code entry} belongs here, as far as can be told; if not, no later one} */
    boolean wants(Entry entry) {
        Position position = entry.position();
        if (position.isAfter(last)) {
            return false;
        }
        Entry newest = kept.peek();
        if (kept.size() < max || newest == null || newest.position().isAfter(position)) {
            return true;
        }
        turnAway(position);
        return false;
    }

    /** Adds an entry that it {@link #wants}. */
    void add(Entry entry) {
        kept.add(entry);
        if (kept.size() > max) {
            turnAway(kept.remove().position());
        }
    }

    /** {@return whether there is nothing here though there are entries} */
    boolean isStarved() {
        return more() && entries().isEmpty();
    }

    /** {@return whether there are further entries} */
    boolean more() {
        return turnedAway != null && turnedAway.isAfter(after);
    }

    /** {@return the entries, oldest first, without a hole} */
    List<Entry> entries() {
        var newestFirst = new PriorityQueue<>(kept);
        var entries = new ArrayDeque<Entry>(kept.size());
        while (!newestFirst.isEmpty()) {
            Entry entry = newestFirst.remove();
            boolean counts =
                    entry.position().isAfter(after)
                            && (turnedAway == null || turnedAway.isAfter(entry.position()));
            if (counts) {
                entries.addFirst(entry);
            }
        }
        return new ArrayList<>(entries);
    }

    private void turnAway(Position position) {
        if (turnedAway == null || turnedAway.isAfter(position)) {
            turnedAway = position;
        }
    }
}
