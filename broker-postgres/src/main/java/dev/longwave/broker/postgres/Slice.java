package dev.longwave.broker.postgres;

import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a topic's log, read in one snapshot. All times are in milliseconds since 1970, and 0 if
 * they are not known.
 *
 * @param epoch the epoch of the log
 * @param tail the newest sequence of the topic, and its time
 * @param low the sequence after which the events were to begin, and the time of the event that
 *     stands there; that is read only if the first event does not follow it
 * @param horizon events before this time may have been dropped
 * @param deleted up to which sequence events were deleted, and when; 0 if they never were
 * @param previousTime the time of the event before the first one, as that event says
 * @param entries the events
 */
record Slice(
        long epoch,
        Place tail,
        Place low,
        long horizon,
        Place deleted,
        long previousTime,
        List<Entry> entries) {
    /*
     * A topic's sequence has no holes and its counter is never deleted, so missing events can be counted. If the first
     * event is not the one after the cursor, those in between were dropped or deleted.
     *
     * A log that was put back from a copy gives a sequence to two events, one after the other. The time of the event at
     * the cursor tells which one the reader has seen. The event after the cursor says it, and otherwise the event itself.
     * If neither exists, the event was dropped, which happens only to events from before the horizon; or deleted, which
     * is recorded; or the log has lost it.
     */

    /** A sequence and a time. */
    record Place(long sequence, long time) {}

    /** {@return whether the log has lost the event at {@code cursor}, or has another one there} */
    boolean hasLost(Position cursor, @Nullable Position until) {
        if (cursor.epoch() != epoch) {
            return false;
        }
        if (cursor.major() > tail.sequence) {
            return true;
        }
        if (cursor.stamp() == 0 || cursor.major() == 0) {
            return false;
        }
        boolean followed = !entries.isEmpty() && first(until) == cursor.major() + 1;
        long time = timeAt(cursor.major(), followed);
        if (time != 0) {
            return time != cursor.stamp();
        }
        boolean wasDropped = cursor.stamp() < horizon;
        boolean wasDeleted = cursor.major() <= deleted.sequence && cursor.stamp() <= deleted.time;
        return !followed && !wasDropped && !wasDeleted;
    }

    private long timeAt(long sequence, boolean followed) {
        if (followed) {
            return previousTime;
        }
        return sequence == tail.sequence ? tail.time : low.time;
    }

    /**
     * {@return the page for a reader that asked for {@code start} up to {@code until}} The log has
     * not lost the event at its cursor.
     */
    Page page(Start start, @Nullable Position until) {
        long first = first(until);
        Coverage coverage = Coverage.COMPLETE;
        switch (start) {
            case Start.After cursor -> {
                Position position = cursor.position();
                if (position.epoch() != epoch) {
                    coverage = Coverage.OTHER_EPOCH;
                } else if (position.major() + 1 >= first) {
                    return Page.of(entries, Coverage.COMPLETE, position, isMore(until));
                } else {
                    coverage =
                            position.major() < deleted.sequence
                                    ? Coverage.DELETED
                                    : Coverage.TRIMMED;
                }
            }
            case Start.Since since -> {
                // Dropped entries are older than the horizon, but by how much is unknown.
                if (first > deleted.sequence + 1 && since.time().toEpochMilli() < horizon) {
                    coverage = Coverage.TRIMMED;
                }
            }
            case Start.Earliest _, Start.Last _ -> {
                // All that the log has was asked for.
            }
            default -> throw start.unsupported();
        }
        return Page.of(entries, coverage, before(first), isMore(until));
    }

    /**
     * {@return the page for a reader whose cursor is at an event that the log has lost} This was
     * read from where that reader finds what it has not seen.
     */
    Page pageAfterLoss(@Nullable Position until) {
        return Page.of(entries, Coverage.AHEAD_OF_LOG, before(first(until)), isMore(until));
    }

    private long end(@Nullable Position until) {
        return until == null ? tail.sequence : Math.min(tail.sequence, until.major());
    }

    private long first(@Nullable Position until) {
        return entries.isEmpty() ? end(until) + 1 : entries.getFirst().position().major();
    }

    /** {@return the position before the event {@code first}} */
    private Position before(long first) {
        long sequence = first - 1;
        long time = 0;
        if (!entries.isEmpty()) {
            time = previousTime;
        } else if (sequence == tail.sequence) {
            time = tail.time;
        } else if (sequence == low.sequence) {
            time = low.time;
        }
        return new Position(epoch, sequence).stamped(sequence == 0 ? 0 : time);
    }

    private boolean isMore(@Nullable Position until) {
        return !entries.isEmpty() && entries.getLast().position().major() < end(until);
    }
}
