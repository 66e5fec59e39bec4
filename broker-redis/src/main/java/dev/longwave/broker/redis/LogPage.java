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
 * The result of {@code read.lua}, and what it proves about the reader's start.
 *
 * @param epoch the log's epoch
 * @param now the server's time in milliseconds
 * @param last the newest entry of the topic, which may have expired; null if none is known
 * @param found whether the reader's last entry is in the log
 * @param previous the position before the first entry from the start on; null if there is no entry
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
     * Each entry stores the position of the entry before it, and `last` outlives the entries. That
     * is proof even if the reader's position is no longer in the log. Let P be the position before
     * the first entry from the start on. If P is the reader's position, nothing is missing. If P is
     * after it, the entries in between were trimmed. If P is before it, the log has no room for the
     * reader's position: it was lost when a server failed, and the entries that follow were written
     * later. The log cannot know what else was lost, so the reader is told, and continues from
     * where the log was cut.
     *
     * A topic that the server knows nothing about has had no entry within `tailRetention`;
     * otherwise `last` would exist. Its first entry will claim to follow the moment `tailRetention`
     * before it. Until then, its tail is the moment half that time before now: later than any
     * earlier entry and earlier than any future one, by the same margin, so that small differences
     * between the clocks of two servers do not matter. A reader at a moment has missed nothing if
     * the log began at an earlier moment.
     */

    static LogPage of(Reply reply) {
        long epoch = EntryIds.epoch(reply.at(0).text());
        return new LogPage(
                epoch,
                reply.at(1).number(),
                positionOrNull(epoch, reply.at(2)),
                reply.at(3).number() == 1,
                positionOrNull(epoch, reply.at(4)),
                reply.at(5).number() == 1,
                reply.at(6).items().stream().map(entry -> entry(epoch, entry)).toList());
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
            case Start.Since since -> page(hasAllSince(since.time(), tailRetention), first, until);
            case Start.After after -> after(after.position(), first, until, tailRetention);
            default -> throw start.unsupported();
        };
    }

    private Coverage hasAllSince(Instant time, Duration tailRetention) {
        if (previous != null) {
            return time.isAfter(Instant.ofEpochMilli(previous.major()))
                    ? Coverage.COMPLETE
                    : Coverage.TRIMMED;
        }
        // The log has nothing from that time on. Nothing is missing if the newest entry is older.
        long newest = last != null ? last.major() : now - tailRetention.toMillis();
        return time.isAfter(Instant.ofEpochMilli(newest)) ? Coverage.COMPLETE : Coverage.TRIMMED;
    }

    private Page after(
            Position cursor, Position first, @Nullable Position until, Duration tailRetention) {
        if (cursor.epoch() != epoch) {
            return page(Coverage.OTHER_EPOCH, first, until);
        }
        if (found || cursor.equals(first)) {
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
            return page(Coverage.TRIMMED, first, until);
        }
        if (previous != null && EntryIds.isMoment(cursor) && EntryIds.isMoment(previous)) {
            return Page.of(entries, Coverage.COMPLETE, cursor, more);
        }
        // The cursor is beyond the tail, or the log was cut before it. In the latter case the
        // entries written since then follow, and are read from where the log was cut.
        return Page.of(List.of(), Coverage.AHEAD_OF_LOG, first, previous != null);
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

    private static Entry entry(long epoch, Reply entry) {
        return LiveMessage.entry(
                EntryIds.position(epoch, entry.at(0).text()),
                entry.at(1).bytes(),
                entry.at(2).bytes());
    }
}
