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
 * The messages of one topic that this node received recently, and what it knows about those that it
 * missed. Safe for many threads.
 */
final class RecentMessages {
    /*
     * Everything is guarded by this. All content belongs to one term: a later term replaces it, and
     * what belongs to an earlier term is ignored.
     *
     * Messages are kept in sequence order, each with the position of the message before it in the
     * topic: where that is not the preceding message here, there is a hole. The tail is the newest
     * position up to which all messages have been received or never will be.
     */
    static final int MAX_MESSAGES = 256;
    static final int MAX_BYTES = 1 << 20;

    private record Received(@Nullable Position previous, Entry entry, long nanos) {

        Position position() {
            return entry.position();
        }

        /**
         * {@return whether no message stands between {@code position}, which is before it, and it}
         */
        boolean follows(Position position) {
            return previous != null && !previous.isAfter(position);
        }

        /** {@return the position after which this is the first message} */
        Position before() {
            return previous != null
                    ? previous
                    : new Position(position().epoch(), position().major() - 1);
        }

        int bytes() {
            return entry.message().size();
        }
    }

    private final ArrayDeque<Received> messages = new ArrayDeque<>(0);
    private @Nullable Term term;
    private @Nullable Position tail;
    private int bytes;

    /**
     * Adds a message.
     *
     * @return false if it belongs to an earlier term, and is ignored
     */
    synchronized boolean add(SequenceHeader header, Entry entry, long nanos) {
        if (!enter(header.term())) {
            return false;
        }
        var received = new Received(header.previousPosition(), entry, nanos);
        messages.add(received);
        bytes += received.bytes();
        while (messages.size() > MAX_MESSAGES || (bytes > MAX_BYTES && messages.size() > 1)) {
            removeFirst();
        }
        return true;
    }

    /** Records that all messages up to {@code position} have been received or never will be. */
    synchronized void receivedUpTo(Term asked, Position position) {
        if (enter(asked) && (tail == null || position.isAfter(tail))) {
            tail = position;
        }
    }

    /** Forgets messages that were received before {@code nanos}. */
    synchronized void forget(long nanos) {
        for (Received first = messages.peek();
                first != null && first.nanos - nanos < 0;
                first = messages.peek()) {
            removeFirst();
        }
    }

    /** {@return the messages after {@code cursor}, or nothing if that is not known} */
    synchronized Optional<Page> after(Position cursor, int maxEntries, int maxBytes) {
        if (term == null) {
            return Optional.empty();
        }
        boolean sameEpoch = cursor.epoch() == term.epoch();
        var later = new ArrayDeque<Received>();
        for (Received message : messages) {
            if (!sameEpoch || message.position().isAfter(cursor)) {
                later.add(message);
            }
        }
        Received next = later.peek();
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
            ArrayDeque<Received> later,
            int maxEntries,
            int maxBytes) {
        var entries = new ArrayList<Entry>();
        Position end = from;
        int size = 0;
        for (Received next = later.peek(); next != null; next = later.peek()) {
            size += next.bytes();
            boolean fits = entries.size() < maxEntries && size <= maxBytes;
            if (!entries.isEmpty() && !(fits && next.follows(end))) {
                break;
            }
            entries.add(later.remove().entry());
            end = next.position();
        }
        boolean more = !later.isEmpty() || (tail != null && tail.isAfter(end));
        return Page.of(entries, coverage, from, more);
    }

    /**
     * Discards all content if {@code other} is a later term.
     *
     * @return false if {@code other} is an earlier term
     */
    private boolean enter(Term other) {
        int order = term == null ? 1 : other.compareTo(term);
        if (order > 0) {
            term = other;
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
