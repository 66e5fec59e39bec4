package dev.longwave.broker.redis;

import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code read.lua} found, and what that says of the reader's start.
 *
 * @param epoch of the log
 * @param now the server's time in milliseconds
 * @param last the newest entry of the topic, which may have expired; null if none is known
 * @param found whether the entry that the reader is beyond is in the log
 * @param previous what stood before the first entry from the start on, null if there is none
 * @param more whether there are more entries up to the bound
 */
record LogPage(
        long epoch,
        long now,
        @Nullable Position last,
        boolean found,
        @Nullable Position previous,
        boolean more,
        List<Entry> entries) {
    /*
     * Each entry says what stood before it, and `last` outlives the entries. So where the reader's
     * position is not in the log any more, there is still proof: nothing is missing if what stood
     * before the first entry is that position. If that is beyond it, entries are missing that have
     * been trimmed. If it is before it, the log has no place for the position: it was lost, when a
     * server failed, and the entries that follow were written later. What was lost between, the log
     * cannot know; so the reader is told, and goes on from where the log was cut.
     *
     * A topic of which the server knows nothing has had no entry within `knownFor`, or `last` would
     * be there. Its first entry says that it follows the moment `knownFor` before it, and its tail is
     * the moment half of that before now: later than anything that may have been there, and earlier
     * than anything that will be, by the same margin, whatever the clocks of two servers say. A
     * reader at a moment has missed nothing if the log began at an earlier one.
     */

    static LogPage of(Reply reply) {
        long epoch = Places.epoch(reply.at(0).text());
        return new LogPage(
                epoch,
                reply.at(1).number(),
                positionOrNull(epoch, reply.at(2)),
                reply.at(3).number() == 1,
                positionOrNull(epoch, reply.at(4)),
                reply.at(5).number() == 1,
                reply.at(6).items().stream().map(entry -> entry(epoch, entry)).toList());
    }

    /** {@return where a log of which nothing is known ends} */
    static Position beginning(long epoch, long now, Duration knownFor) {
        return Places.moment(epoch, now - knownFor.toMillis() / 2);
    }

    /**
     * {@return the page for a reader who asked for this}
     *
     * @param until the bound, or null
     */
    Page page(Start start, @Nullable Position until, Duration knownFor) {
        Position tail = last != null ? last : beginning(epoch, now, knownFor);
        // What can be read begins here.
        Position first = previous != null ? previous : tail;
        return switch (start) {
            case Start.Earliest _ -> page(Coverage.COMPLETE, first, until);
            case Start.Last _ -> page(Coverage.COMPLETE, first, until);
            case Start.Since(Instant time) -> page(hasAllSince(time, knownFor), first, until);
            case Start.After(Position cursor) -> after(cursor, first, until, knownFor);
        };
    }

    private Coverage hasAllSince(Instant time, Duration knownFor) {
        if (previous != null) {
            return time.isAfter(Instant.ofEpochMilli(previous.major()))
                    ? Coverage.COMPLETE
                    : Coverage.TRIMMED;
        }
        // Nothing is there from that time on; so nothing of it is missing if the newest is older.
        long newest = last != null ? last.major() : now - knownFor.toMillis();
        return time.isAfter(Instant.ofEpochMilli(newest)) ? Coverage.COMPLETE : Coverage.TRIMMED;
    }

    private Page after(
            Position cursor, Position first, @Nullable Position until, Duration knownFor) {
        if (cursor.epoch() != epoch) {
            return page(Coverage.OTHER_EPOCH, first, until);
        }
        if (found || cursor.equals(first)) {
            return new Page(entries, Coverage.COMPLETE, cursor, more);
        }
        if (previous == null && last == null && Places.isMoment(cursor)) {
            boolean known = cursor.major() <= now && cursor.major() >= now - knownFor.toMillis();
            if (known) {
                return new Page(List.of(), Coverage.COMPLETE, cursor, false);
            }
        }
        if (first.isAfter(cursor)) {
            return page(Coverage.TRIMMED, first, until);
        }
        if (previous != null && Places.isMoment(cursor) && Places.isMoment(previous)) {
            return new Page(entries, Coverage.COMPLETE, cursor, more);
        }
        // Nothing follows the tail; but if the log was cut before the cursor, what was written
        // since
        // does follow, and is read from there.
        return new Page(List.of(), Coverage.AHEAD_OF_LOG, first, previous != null);
    }

    private Page page(Coverage coverage, Position from, @Nullable Position until) {
        if (until != null && until.epoch() == epoch && from.isAfter(until)) {
            return new Page(entries, coverage, until, more);
        }
        return new Page(entries, coverage, from, more);
    }

    private static @Nullable Position positionOrNull(long epoch, Reply id) {
        return id.isNothing() ? null : Places.position(epoch, id.text());
    }

    private static Entry entry(long epoch, Reply entry) {
        return LiveMessage.entry(
                Places.position(epoch, entry.at(0).text()),
                entry.at(2).bytes(),
                entry.at(3).bytes());
    }
}
