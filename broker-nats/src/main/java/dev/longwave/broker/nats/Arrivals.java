package dev.longwave.broker.nats;

import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What arrived of one topic a moment ago, and what is known of what did not. Safe for many threads.
 */
final class Arrivals {
    /*
     * Everything is guarded by this. It is all about one reign; a later one begins anew, and an
     * earlier one has no say any more.
     *
     * Messages are here in the order of their stamps, each with the position of the one before it
     * in the topic: where that is not the one that is here before it, there is a hole. The tail is
     * the newest position of which is known that everything up to it has arrived, or never will.
     */
    static final int MAX_MESSAGES = 256;
    static final int MAX_BYTES = 1 << 20;

    private record Arrived(@Nullable Position previous, Entry entry, long nanos) {

        Position position() {
            return entry.position();
        }

        /** {@return whether nothing lies between {@code position}, which is before it, and it} */
        boolean follows(Position position) {
            return previous != null && !previous.isAfter(position);
        }

        /** {@return the position after which nothing is missing until it} */
        Position before() {
            return previous != null
                    ? previous
                    : new Position(position().epoch(), position().major() - 1);
        }

        int bytes() {
            return entry.message().data().length;
        }
    }

    private final ArrayDeque<Arrived> messages = new ArrayDeque<>(0);
    private @Nullable Reign reign;
    private @Nullable Position tail;
    private int bytes;

    /** Takes a message. {@return false if it comes from a reign that is over} */
    synchronized boolean add(Stamp stamp, Entry entry, long nanos) {
        if (!enter(stamp.reign())) {
            return false;
        }
        messages.add(new Arrived(stamp.previousPosition(), entry, nanos));
        bytes += entry.message().data().length;
        while (messages.size() > MAX_MESSAGES || (bytes > MAX_BYTES && messages.size() > 1)) {
            removeFirst();
        }
        return true;
    }

    /** Takes word that everything up to {@code position} has arrived, or never will. */
    synchronized void arrivedUpTo(Reign asked, Position position) {
        if (enter(asked) && (tail == null || position.isAfter(tail))) {
            tail = position;
        }
    }

    /** Forgets what arrived before {@code nanos}. */
    synchronized void forget(long nanos) {
        for (Arrived first = messages.peek();
                first != null && first.nanos - nanos < 0;
                first = messages.peek()) {
            removeFirst();
        }
    }

    /** {@return what follows {@code cursor}, if anything is known of the topic} */
    synchronized Optional<Page> after(Position cursor, int maxEntries, int maxBytes) {
        if (reign == null) {
            return Optional.empty();
        }
        boolean sameEpoch = cursor.epoch() == reign.epoch();
        var later = new ArrayDeque<Arrived>();
        for (Arrived message : messages) {
            if (!sameEpoch || message.position().isAfter(cursor)) {
                later.add(message);
            }
        }
        Arrived next = later.peek();
        Position begin = next != null ? next.before() : tail;
        boolean complete =
                sameEpoch
                        && (next != null
                                ? next.follows(cursor)
                                : begin == null || !begin.isAfter(cursor));
        if (complete) {
            return Optional.of(page(Coverage.COMPLETE, cursor, later, maxEntries, maxBytes));
        }
        if (begin == null) {
            return Optional.empty();
        }
        Coverage coverage = sameEpoch ? Coverage.TRIMMED : Coverage.OTHER_EPOCH;
        return Optional.of(page(coverage, begin, later, maxEntries, maxBytes));
    }

    /** {@return the page from {@code from} up to the next hole} */
    private Page page(
            Coverage coverage,
            Position from,
            ArrayDeque<Arrived> later,
            int maxEntries,
            int maxBytes) {
        var entries = new ArrayList<Entry>();
        Position end = from;
        int size = 0;
        for (Arrived next = later.peek(); next != null; next = later.peek()) {
            size += next.bytes();
            boolean fits = entries.size() < maxEntries && size <= maxBytes;
            if (!entries.isEmpty() && !(fits && next.follows(end))) {
                break;
            }
            entries.add(later.remove().entry());
            end = next.position();
        }
        boolean more = !later.isEmpty() || (tail != null && tail.isAfter(end));
        return new Page(entries, coverage, from, more);
    }

    /** {@return false if {@code other} is over; a later one begins anew} */
    private boolean enter(Reign other) {
        int order = reign == null ? 1 : other.compareTo(reign);
        if (order > 0) {
            reign = other;
            tail = null;
            messages.clear();
            bytes = 0;
        }
        return order >= 0;
    }

    private void removeFirst() {
        bytes -= messages.remove().bytes();
    }
}
