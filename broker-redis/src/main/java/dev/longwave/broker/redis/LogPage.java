package dev.longwave.broker.redis;

import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.ForeignEntries;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of {@code read.lua}, and what it proves about the reader's start.
 *
 * @param epoch the log's epoch
 * @param now the server's time in milliseconds
 * @param last the newest entry of the topic, which may have expired; null if none is known
 * @param found whether the reader's last entry is in the log
 * @param previous the position before the first entry from the start on; null if there is no entry
 * @param cut whether the position before the first entry, or the newest if there is none, is a cut
 * @param more whether there are more entries up to the bound
 * @param erased the last position that was deleted, or null
 */
record LogPage(
        long epoch,
        long now,
        @Nullable Position last,
        boolean found,
        @Nullable Position previous,
        boolean cut,
        boolean more,
        @Nullable Position erased,
        List<Entry> entries) {
    /*
     * Each entry stores the position of the entry before it, and `last` outlives the entries. That
     * is proof even if the reader's position is no longer in the log. Let P be the position before
     * the first entry from the start on. If P is the reader's position, nothing is missing. If P is
     * after it, the entries in between were trimmed. If P is before it, the log has no room for the
     * reader's position: it was lost when a server failed, and the entries that follow were written
     * later. The log cannot know what else was lost, so the reader is told, and continues from
     * where the log was cut.
     *
     * That is not enough for a reader who was further behind than the log was put back: all that it
     * finds follows what it has. So each node remembers the newest entry that it has seen of a
     * topic, and says so when it publishes or asks for tails. If the log ends before that entry, the
     * script writes a cut instead of its newest entry: a moment that no entry reaches, and that the
     * next entry follows. Every reader finds that moment after its own position. Entries of one page
     * follow one another; a cut begins another page.
     *
     * A topic that the server knows nothing about has had no entry within `tailRetention`;
     * otherwise `last` would exist. Its first entry will claim to follow the moment `tailRetention`
     * before it. Until then, its tail is the moment half that time before now: later than any
     * earlier entry and earlier than any future one, by the same margin, so that small differences
     * between the clocks of two servers do not matter. A reader at a moment has missed nothing if
     * the log began at an earlier moment.
     */

    /**
     * {@return the page in a reply}
     *
     * @param foreign checks the entries
     */
    static LogPage of(Reply reply, ForeignEntries foreign) {
        long epoch = EntryIds.epoch(reply.at(0).text());
        Reply last = reply.at(2);
        Reply previous = reply.at(4);
        Reply first = previous.isNothing() ? last : previous;
        return new LogPage(
                epoch,
                reply.at(1).number(),
                positionOrNull(epoch, last),
                reply.at(3).number() == 1,
                positionOrNull(epoch, previous),
                !first.isNothing() && EntryIds.isCut(first.text()),
                reply.at(5).number() == 1,
                positionOrNull(epoch, reply.at(6)),
                reply.at(7).items().stream().map(entry -> entry(epoch, entry, foreign)).toList());
    }

    /** {@return the tail of a topic that the server knows nothing about} */
    static Position beginning(long epoch, long now, Duration tailRetention) {
        return EntryIds.moment(epoch, now - tailRetention.toMillis() / 2);
    }

    /**
     * {@return the page for a reader that asked for {@code start}}
     *
     * @param until the bound, or null for none
     */
    Page page(Start start, @Nullable Position until, Duration tailRetention) {
        Position tail = last != null ? last : beginning(epoch, now, tailRetention);
        Position first = previous != null ? previous : tail;
        return switch (start) {
            case Start.Earliest _ -> page(Coverage.COMPLETE, first, until);
            case Start.Last _ -> page(Coverage.COMPLETE, first, until);
            case Start.Since since ->
                    hasAllSince(since.time(), tailRetention)
                            ? page(Coverage.COMPLETE, first, until)
                            : page(hole(first), first, until);
            case Start.After after -> after(after.position(), first, until, tailRetention);
            default -> throw start.unsupported();
        };
    }

    private boolean hasAllSince(Instant time, Duration tailRetention) {
        if (previous != null) {
            return time.isAfter(Instant.ofEpochMilli(previous.major()));
        }
        // The log has nothing from that time on. Nothing is missing if the newest entry is older.
        long newest = last != null ? last.major() : now - tailRetention.toMillis();
        return time.isAfter(Instant.ofEpochMilli(newest));
    }

    private Page after(
            Position cursor, Position first, @Nullable Position until, Duration tailRetention) {
        if (cursor.epoch() != epoch) {
            return page(Coverage.OTHER_EPOCH, first, until);
        }
        if (cursor.equals(first) || (found && !first.isAfter(cursor))) {
            return Page.of(entries, Coverage.COMPLETE, cursor, more);
        }
        if (previous == null && last == null && EntryIds.isMoment(cursor)) {
            boolean known =
                    cursor.major() <= now && cursor.major() >= now - tailRetention.toMillis();
            if (known) {
                return Page.of(List.of(), Coverage.COMPLETE, cursor, false);
            }
        }
        if (first.isAfter(cursor)) {
            return page(hole(first), first, until);
        }
        if (previous != null && EntryIds.isMoment(cursor) && EntryIds.isMoment(previous)) {
            return Page.of(entries, Coverage.COMPLETE, cursor, more);
        }
        // The cursor is beyond the tail, or the log was cut before it. In the latter case the
        // entries written since then follow.
        return Page.of(entries, Coverage.AHEAD_OF_LOG, first, more);
    }

    /** {@return why there is nothing from the reader's position up to {@code first}} */
    private Coverage hole(Position first) {
        if (erased != null && !first.isAfter(erased)) {
            return Coverage.DELETED;
        }
        return cut ? Coverage.AHEAD_OF_LOG : Coverage.TRIMMED;
    }

    private Page page(Coverage coverage, Position from, @Nullable Position until) {
        if (until != null && until.epoch() == epoch && from.isAfter(until)) {
            return Page.of(entries, coverage, until, more);
        }
        return Page.of(entries, coverage, from, more);
    }

    private static @Nullable Position positionOrNull(long epoch, Reply id) {
        return id.isNothing() ? null : EntryIds.position(epoch, id.text());
    }

    private static Entry entry(long epoch, Reply entry, ForeignEntries foreign) {
        return LiveMessage.entry(
                EntryIds.position(epoch, entry.at(0).text()),
                entry.at(1).bytes(),
                entry.at(2).bytes(),
                foreign);
    }
}
