package dev.longwave.core;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One connection's cursor in one topic or pattern: history first, then live, with no gap and no
 * repeat at the seam.
 *
 * <p>For one thread at a time: the owner of the {@link Outbox}.
 */
final class Subscription {
    /*
     * A subscription is live (it reads the topic's log at `next`), or it catches up (it reads pages of the
     * broker's history from `cursor`), and either way gives out what is `pending` first. What it keeps for
     * itself is at most one page.
     *
     * The seam: everything up to the log's origin is in the history, and everything after it passes the log.
     * So once the log has an event at or before the cursor, the log covers all that is missing. History
     * may run ahead of the log; what the log then brings again is not after the cursor, and is skipped.
     *
     * Ephemeral events are in the log alone. They have the position of the event before them, and are
     * given out whatever the cursor is, but for those that were there before the reader came. A reader
     * that was lapped by nothing else goes on with the oldest event that is left.
     */
    private static final long CATCHING_UP = -1;

    private final Topic topic;
    private final TopicLog log;
    private final HubOptions options;
    private final Logbook logbook;
    private @Nullable Queue<Event> pending; // null if empty, as it mostly is

    private Subscribers.@Nullable Seat seat;
    private long next = CATCHING_UP;
    private long ephemeralFrom; // the sequence of the first ephemeral event that it may receive
    private @Nullable Position cursor; // changes by events alone; null before the first
    private boolean ended;
    private boolean tooSlow;
    private int emptyReads; // of history in a row, while the log did not cover the cursor either

    private Subscription(Topic topic, HubOptions options) {
        this.topic = topic;
        this.log = topic.log();
        this.logbook = new Logbook(topic.name());
        this.options = options;
    }

    /**
     * From now on. Of an ended topic it gives out the last event, or the reader would wait for
     * nothing.
     */
    static Subscription live(Topic topic, HubOptions options) {
        var subscription = new Subscription(topic, options);
        Event tail = subscription.log.tail();
        if (tail.end()) {
            subscription.pend(tail); // it may be gone from the log when its turn comes
            subscription.next = tail.sequence() + 1;
            subscription.logbook.beganWith(tail.position());
        } else {
            subscription.goOnAfter(tail);
            subscription.logbook.began(tail.position());
        }
        return subscription;
    }

    /** From {@code start}. May block, and fails as the broker's history does. */
    static Subscription from(Topic topic, Start start, HubOptions options) {
        var subscription = new Subscription(topic, options);
        subscription.ephemeralFrom = subscription.log.latest() + 1;
        switch (start) {
            case Start.After after -> subscription.resume(after.position());
            default -> subscription.begin(start);
        }
        return subscription;
    }

    /**
     * Has {@code reader} signalled when the topic has new events. Once.
     *
     * @param marks where to leave marks of what is rare
     */
    void join(Signal reader, Trail marks) {
        logbook.keepIn(marks);
        seat = topic.subscribers().join(reader);
    }

    /** Takes back {@link #join}. Once; any thread. */
    void leave() {
        if (seat != null) {
            topic.subscribers().leave(seat);
        }
    }

    Topic topic() {
        return topic;
    }

    /** See {@link Signal#prefetch}; any thread. */
    int prefetch() {
        return (int) next;
    }

    /**
     * How many events its topic's log has for the reader, about; negative while it reads history.
     * Any thread.
     */
    long waiting() {
        long from = next;
        return from == CATCHING_UP ? CATCHING_UP : Math.max(0, log.latest() - from + 1);
    }

    /** The event at the cursor, if the log still has it; else null. */
    @Nullable Event last() {
        if (next <= 0) {
            return null;
        }
        Event event = log.read(next - 1);
        return event != null && event.position().equals(cursor) ? event : null;
    }

    /** How far the reader has come, or null if nothing was given out yet and it is not known. */
    @Nullable Position cursor() {
        return cursor;
    }

    /** Where the reader stands. Any thread, which needs no exact answer. */
    Progress progress() {
        Event tail = topic.log().tailIfKnown();
        return logbook.progress(cursor, tail == null ? null : tail.position(), waiting());
    }

    /** Whether the reader has the topic's last event, and nothing came after it. */
    boolean ended() {
        return ended;
    }

    /** Whether the reader fell behind, and the lag policy is to disconnect it. */
    boolean tooSlow() {
        return tooSlow;
    }

    /** Whether the broker's history must be read next, which may block. */
    boolean mustCatchUp() {
        return next == CATCHING_UP && pending == null;
    }

    /**
     * The next event for the reader, or null if there is none now.
     *
     * @param mayBlock whether to read the broker's history where that is needed, or return null and
     *     say so in {@link #mustCatchUp}
     */
    @Nullable Event poll(boolean mayBlock) {
        while (!tooSlow) {
            Event event = pollPending();
            if (event != null) {
                return given(event);
            }
            if (next == CATCHING_UP) {
                if (!mayBlock) {
                    return null;
                }
                catchUp();
                continue;
            }
            long latest = log.latest();
            if (next > latest) {
                return null;
            }
            if (topic.lagPolicy() instanceof LagPolicy.Latest(int behind, boolean perKey)
                    && latest - next >= behind) {
                skipToNewest(latest, perKey);
                continue;
            }
            event = log.read(next);
            if (event == null) {
                lapped();
                continue;
            }
            next++;
            if (isNew(event)) {
                return given(event);
            }
        }
        return null;
    }

    private void pend(Event event) {
        Queue<Event> queue = pending;
        if (queue == null) {
            queue = new ArrayDeque<>();
            pending = queue;
        }
        queue.add(event);
    }

    private @Nullable Event pollPending() {
        Queue<Event> queue = pending;
        if (queue == null) {
            return null;
        }
        Event event = queue.poll();
        if (queue.isEmpty()) {
            pending = null;
        }
        return event;
    }

    private Event given(Event event) {
        if (event.ephemeral()) {
            return event;
        }
        cursor = event.position();
        if (event.gap() == null) {
            ended = event.end();
        }
        return event;
    }

    /** Whether the reader has yet to be told. */
    private boolean isNew(Event event) {
        if (event.ephemeral()) {
            return event.sequence() >= ephemeralFrom;
        }
        return event.isTold()
                && (isAfterCursor(event)
                        || (event.back() && cursor != null && cursor.isAfter(event.position())));
    }

    private boolean isAfterCursor(Event event) {
        return cursor == null
                || !event.position().sameEpoch(cursor)
                || event.position().isAfter(cursor);
    }

    private void lapped() {
        Event oldest = log.oldest();
        if (TopicLog.missesOnlyEphemeral(next, oldest)) {
            next = oldest.sequence();
            return;
        }
        topic.readerLapped();
        logbook.lapped(cursor);
        switch (topic.lagPolicy()) {
            case LagPolicy.Disconnect _ -> {
                next = CATCHING_UP;
                tooSlow = true;
            }
            case LagPolicy.Replay _ -> next = CATCHING_UP; // from the history
            case LagPolicy.Latest(_, boolean perKey) -> skipToNewest(log.latest(), perKey);
        }
    }

    private void skipToNewest(long latest, boolean perKey) {
        long back = log.latestBack();
        if (back >= next) {
            Event gap = log.read(back);
            // Once told of the gap, the reader lacks everything after it.
            if (gap != null && isNew(gap)) {
                pend(gap);
                next = back + 1;
                return;
            }
        }
        var unread = new ArrayList<Event>();
        long expected = next; // the sequence of the event that follows the last one that was read
        boolean missed = false; // an event that is not ephemeral
        long from = Math.max(next, log.oldest().sequence());
        for (long sequence = from; sequence <= latest; sequence++) {
            Event event = log.read(sequence);
            if (event == null) {
                continue;
            }
            missed |= sequence > expected && !TopicLog.missesOnlyEphemeral(expected, event);
            expected = sequence + 1;
            if (isNew(event)) {
                unread.add(event);
            }
            boolean told = event.isTold() && !event.ephemeral();
            if (told ? !isNew(event) : !isAfterCursor(event)) {
                missed = false; // the reader has what stands here, and so all before it
            }
        }
        if (expected <= latest) {
            return; // lapped meanwhile: look again
        }
        List<Event> newest = Conflation.newestPerKey(unread, perKey ? Event::key : Event::kind);
        if (missed && newest.stream().allMatch(Event::ephemeral)) {
            next = CATCHING_UP; // what is newest of the topic itself is only in the history
            return;
        }
        if (missed || countLogged(newest) < countLogged(unread)) {
            // What is kept comes after where the reader was, so that is still its cursor.
            Position told = cursor != null ? cursor : log.oldest().position();
            var gap = new Gap(cursor, newest.getLast().position(), GapReason.SKIPPED);
            pend(Event.gap(Event.UNLOGGED, topic.id(), gap, told));
        }
        newest.forEach(this::pend);
        next = latest + 1;
    }

    private static long countLogged(List<Event> events) {
        return events.stream().filter(event -> !event.ephemeral()).count();
    }

    /** Goes live if the log covers {@code position} and has seen it, else asks the history. */
    private void resume(Position position) {
        cursor = position;
        logbook.began(position);
        Position tail = log.tail().position();
        if (tail.sameEpoch(position) && !position.isAfter(tail)) {
            next = log.sequenceAfterOld(position);
        }
        if (next == CATCHING_UP) {
            catchUp();
        }
        if (next > log.latest() && pending == null) {
            Event last = log.tail();
            ended = last.end() && last.position().equals(cursor);
        }
    }

    private void begin(Start start) {
        if (!topic.hasHistory()) {
            Event tail = log.tail();
            pend(gap(null, tail.position(), GapReason.NO_HISTORY));
            goOnAfter(tail);
            return;
        }
        boolean newestPerKey =
                start instanceof Start.Last
                        && topic.lagPolicy() instanceof LagPolicy.Latest(_, boolean perKey)
                        && perKey;
        Page page = history(newestPerKey ? Start.last(options.pageEvents()) : start);
        cursor = page.from();
        List<Entry> wanted =
                newestPerKey
                        ? Conflation.newestPerKey(page.entries(), Conflation::key)
                        : page.entries();
        logbook.began(wanted.size() < page.entries().size() ? page.end() : page.from());
        take(page, wanted);
    }

    private void catchUp() {
        Position from = cursor;
        if (from == null) {
            throw new IllegalStateException("what was pending was not given out first");
        }
        if (topic.hasHistory()) {
            Page page = history(Start.after(from));
            take(page, page.entries());
        } else {
            Event tail = log.tail();
            if (from.sameEpoch(tail.position()) && from.isAfter(tail.position())) {
                next = tail.sequence() + 1; // another node was ahead of this one
            } else {
                skipTo(log.oldest(), GapReason.NO_HISTORY);
            }
        }
    }

    private Page history(Start start) {
        return topic.history(start, null, options.pageEvents(), options.pageBytes());
    }

    private void take(Page page, List<Entry> entries) {
        boolean complete = page.coverage() == Coverage.COMPLETE;
        if (!complete) {
            pend(gap(cursor, page.from(), GapReason.of(page.coverage())));
        }
        for (Entry entry : entries) {
            pend(Event.message(Event.UNLOGGED, topic.id(), entry));
        }
        emptyReads = pending == null && !page.more() ? emptyReads + 1 : 0;
        // Not live yet if the log does not reach back to the page's end: the next page is read
        // then.
        next = log.sequenceAfter(page.end());
        if (next == CATCHING_UP && emptyReads > 0 && topic.isPattern()) {
            // The origin of a pattern's log may be after the last event of its topics: between the
            // two is nothing, or history would have had it.
            Event oldest = log.oldest();
            if (TopicLog.missesOnlyEphemeral(1, oldest)
                    && oldest.position().sameEpoch(page.end())) {
                next = Math.max(1, oldest.sequence());
            }
        }
        if (next == CATCHING_UP && emptyReads > 1) {
            if (!log.tail().position().sameEpoch(page.end())) {
                // The history is of a new log, of which this node has yet to hear.
                throw new BrokerUnavailableException(
                        "the broker's log was replaced topic=" + topic.name());
            }
            // The first time, the log may have been overtaken after the history was read. The
            // second
            // time, the history has lost what overtook the log.
            skipTo(log.oldest(), GapReason.LOG_LOST);
        }
        if (next != CATCHING_UP) {
            logbook.caughtUp(page.end());
        }
    }

    /** Tells of a hole up to {@code event}, and goes on after it. */
    private void skipTo(Event event, GapReason reason) {
        pend(gap(cursor, event.position(), reason));
        next = event.sequence() + 1;
    }

    private void goOnAfter(Event event) {
        cursor = event.position();
        ended = event.end();
        next = event.sequence() + 1;
    }

    private Event gap(@Nullable Position after, Position before, GapReason reason) {
        return Event.gap(Event.UNLOGGED, topic.id(), new Gap(after, before, reason), before);
    }
}
