package dev.longwave.core;

import dev.longwave.broker.Position;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The latest events of one topic. One thread at a time appends, any number read, and none waits.
 */
final class TopicLog {
    /*
     * A ring of immutable events, each carrying its own sequence, from 1. A reader takes one reference
     * and compares: equal is a hit, anything else means that it was lapped. No lock, no retry.
     *
     * Sequence 0 is the origin: where the topic stood when this log began. It has a field of its own,
     * because events may arrive before it is known.
     *
     * The ring starts small and doubles up to its bound, so that a quiet topic costs little. It is bounded
     * in bytes too: events beyond are dropped from the old end, their slots set to null.
     *
     * Memory ordering: append() stores `slots` if it must grow, then the event, then `latest`, which is
     * volatile. A reader loads `latest` first, so whatever it then loads for a sequence up to that is at
     * least as new: the event itself, or, once it was overtaken, a later one or null. It can never be
     * an older event, and never a half-made one. Between threads that append, the broker orders the
     * calls (Broker.Sink). `latest` is also one half of the handshake with Outbox: see there.
     * Races: TopicLogStress.
     *
     * An ephemeral event takes a place in the ring like any other, and has the position of the event before
     * it: to a cursor, it is nothing. Each event carries how many ephemeral ones are directly before it, so
     * that a reader that was lapped knows whether it lacks anything else.
     *
     * Positions otherwise rise from event to event, but for a gap that sends its readers back, because the broker has
     * lost what they got last: it stands at the position from which the broker goes on, and positions
     * may then be used a second time. A cursor that is not one of an event since that gap is from before it,
     * and is sent to the gap. A cursor with a stamp is compared with the very event that it came from: if that is
     * not here, the broker's history is asked.
     *
     * A log can be erased up to a position. What tells its readers where the topic stands is then an event
     * without content, which nobody receives.
     */
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Event[].class);
    private static final int INITIAL_SLOTS = 4;

    private final int maxEvents;
    private final long maxBytes;

    private volatile @Nullable Event[] slots = new Event[INITIAL_SLOTS];
    private volatile long latest;
    private volatile @Nullable Event origin;
    private volatile long lastBack; // the latest gap that sends back; 0 if there was none

    private long oldest = 1; // these two are for the appending thread alone
    private long bytes;

    /**
     * @param maxEvents how many events to keep at most, 1 or more; rounded up to a power of two
     * @param maxBytes how many bytes of events to keep at most; the latest event is kept in any
     *     case
     */
    TopicLog(int maxEvents, long maxBytes) {
        this.maxEvents = Math.max(INITIAL_SLOTS, Integer.highestOneBit(maxEvents - 1) << 1);
        this.maxBytes = maxBytes;
    }

    /**
     * Says where the topic stood before the first event that is appended. Once, before any read.
     */
    void origin(Event event) {
        origin = event.at(0);
    }

    /** The sequence that the next appended event must carry. For the appending thread. */
    long nextSequence() {
        return latest + 1;
    }

    /** Appends {@code event}, whose sequence is {@link #nextSequence()}. One thread at a time. */
    void append(Event event) {
        long sequence = event.sequence();
        @Nullable Event[] ring = slots;
        if (sequence - oldest == ring.length) {
            if (ring.length < maxEvents) {
                ring = grown(ring, sequence);
            } else {
                drop(ring);
            }
        }
        bytes += event.size();
        if (event.back()) {
            lastBack = sequence;
        }
        while (bytes > maxBytes && oldest < sequence) {
            drop(ring);
        }
        SLOT.setRelease(ring, index(ring, sequence), event);
        latest = sequence;
    }

    /**
     * Forgets the events up to {@code upTo}, but for the latest of all: so an event without content
     * is appended first. For the appending thread.
     */
    void forget(Position upTo) {
        Event begin = origin;
        if (begin != null) {
            origin = begin.withoutContent(0);
        }
        @Nullable Event[] ring = slots;
        while (oldest < latest) {
            Event event = ring[index(ring, oldest)];
            if (event == null || isAfter(event, upTo)) {
                return;
            }
            drop(ring);
        }
    }

    private static boolean isAfter(Event event, Position upTo) {
        return !event.position().sameEpoch(upTo) || event.position().isAfter(upTo);
    }

    /** The sequence of the latest event; 0 if there is none. */
    long latest() {
        return latest;
    }

    /**
     * The event at {@code sequence}, or null if the log no longer has it: the reader was lapped.
     *
     * @param sequence at most {@link #latest()}; 0 for the origin
     */
    @Nullable Event read(long sequence) {
        if (sequence == 0) {
            return origin;
        }
        @Nullable Event[] ring = slots;
        Event event = (Event) SLOT.getAcquire(ring, index(ring, sequence));
        return event != null && event.sequence() == sequence ? event : null;
    }

    /** The latest event, the origin if there is none, or null before that is known. */
    @Nullable Event tailIfKnown() {
        return latest == 0 && origin == null ? null : tail();
    }

    /** The latest event, or the origin if there is none. */
    Event tail() {
        while (true) {
            Event event = read(latest);
            if (event != null) {
                return event;
            }
            // Lapped between the two loads, which takes a whole round of the ring: look again.
            Thread.onSpinWait();
        }
    }

    /** The oldest event that the log still has, the origin if all are there. */
    Event oldest() {
        Event oldestSeen = tail();
        for (long sequence = oldestSeen.sequence() - 1; sequence >= 0; sequence--) {
            Event event = read(sequence);
            if (event == null) {
                break;
            }
            oldestSeen = event;
        }
        return oldestSeen;
    }

    /**
     * Whether a reader that has come to {@code next}, and goes on with {@code event}, misses
     * nothing but ephemeral events.
     */
    static boolean missesOnlyEphemeral(long next, Event event) {
        return event.sequence() - event.ephemeralBefore() <= next;
    }

    /**
     * The sequence from which a reader that has come to {@code cursor} must read on, or -1 if this
     * log cannot tell because the events after the cursor are not all here.
     *
     * <p>A cursor beyond the tail counts as covered: whether that position exists is for the
     * broker's history to say. So it is if another event stands at the cursor than the one that it
     * came from.
     */
    long sequenceAfter(Position cursor) {
        for (long sequence = latest; sequence >= 0; sequence--) {
            Event event = read(sequence);
            if (event == null
                    || !event.position().sameEpoch(cursor)
                    || event.position().contradicts(cursor)) {
                return -1;
            }
            if (!event.position().isAfter(cursor)) {
                return sequence + 1;
            }
        }
        return -1;
    }

    /** The same for a cursor that may be from before the log's latest loss. */
    long sequenceAfterOld(Position cursor) {
        long next = sequenceAfter(cursor);
        if (cursor.stamp() != 0 && next >= 0 && !stands(cursor, next - 1)) {
            return -1;
        }
        long back = lastBack;
        if (back == 0 || next <= back) {
            return next;
        }
        Event gap = read(back);
        boolean sinceLoss = stands(cursor, next - 1);
        return gap != null && cursor.isAfter(gap.position()) && !sinceLoss ? back : next;
    }

    private boolean stands(Position position, long sequence) {
        Event event = read(sequence);
        return event != null && event.position().equals(position);
    }

    /** The sequence of the latest gap that sends its readers back; 0 if there was none. */
    long latestBack() {
        return lastBack;
    }

    private void drop(@Nullable Event[] ring) {
        int index = index(ring, oldest);
        Event dropped = ring[index];
        if (dropped != null) {
            bytes -= dropped.size();
        }
        SLOT.setRelease(ring, index, (Event) null);
        oldest++;
    }

    /**
     * A ring twice as large with the same events. Readers of the old one find no newer event in it.
     */
    private @Nullable Event[] grown(@Nullable Event[] ring, long end) {
        @Nullable Event[] larger = new Event[ring.length * 2];
        for (long sequence = oldest; sequence < end; sequence++) {
            larger[index(larger, sequence)] = ring[index(ring, sequence)];
        }
        slots = larger;
        return larger;
    }

    private static int index(@Nullable Event[] ring, long sequence) {
        return (int) sequence & (ring.length - 1);
    }
}
