package dev.longwave.broker.feed;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides what comes next in one topic: from the live path where it fits, else from the log. */
final class Sequencer {
    /*
     * The cursor (in Subscribers) is the position up to which everything was dispatched, or told of as
     * a gap. It moves in three ways, each of which keeps that true:
     *
     * - to a live message that is after the cursor, and whose previous entry is not: nothing lies
     *   between the two. A live message that is not after the cursor was dispatched before. If the
     *   cursor is an entry (`atEntry`) and the previous entry is an earlier one, the log has lost the
     *   entry at the cursor, and everything else after the previous one: that is told as a gap, before
     *   the message;
     * - to an entry of a page that was read from the cursor, in the page's order. If its coverage
     *   is not complete, first to where the page begins, with a gap;
     * - to the tail of a log that is empty, if nothing can have expired meanwhile (see below).
     *
     * Positions are places, and a log that was put back from a copy gives the same places to other
     * entries. What tells them apart is the stamp. The log compares it when it is read from the cursor,
     * and so it is read (`look`) wherever a position casts doubt on the cursor: one up to the cursor
     * with a later stamp, as such an entry was written after the one at the cursor; one at the cursor's
     * place with another stamp; a tail before the cursor. A live path that does not know the stamp of
     * the previous entry proves nothing from an outage on until the log has been read or its tail
     * checked (`verifiedAsOf`).
     *
     * So nothing is repeated, reordered, or skipped in silence, whatever the live path does. Nothing
     * is left out for ever, either: a message that does not fit sets the `goal`, a position that is
     * known to be in the log, and so does a tail check that finds the tail beyond the cursor. The log
     * is then read until the goal is reached. If the reading stops short of it, the replica lags, or
     * the log has lost that entry: the tail is read again, and becomes the new goal. The waiting
     * messages are dropped first, as those that the log still has stand up to that tail.
     *
     * Turns. Only the thread that has the turn moves the cursor and calls sinks. FREE is no thread,
     * LIVE the thread that brought a message to a free topic, FILL a feed thread that works or is about
     * to, and REST a feed thread that will try again later. All other threads leave their messages in
     * `waiting`, and the thread that has the turn looks there, under the lock, before it gives the turn
     * back.
     *
     * An empty log does not know what it had, and a message does not tell what was before it if
     * that has expired. As the log keeps entries for ten resync periods, it can hide nothing from a
     * cursor that a check has found at the tail within the last five (`provenAt`). Otherwise the
     * log says by its coverage whether something is missing. A log that may trim entries sooner
     * says with an empty tail after which position it has trimmed nothing; time then proves nothing.
     */
    static final int PAGE_ENTRIES = 256;
    static final int PAGE_BYTES = 1 << 20;

    /** After how many live messages a client library's thread leaves the rest to a feed thread. */
    static final int SHARE = 256;

    private static final Logger LOGGER = System.getLogger(Sequencer.class.getName());

    private static final int PROOF_LASTS_PERIODS = 5;
    private static final Duration FIRST_REST = Duration.ofMillis(10);
    private static final int MAX_DOUBLINGS = 20;

    private final String topic;
    private final FeedTopic.Shared shared;
    private final Subscribers subscribers;

    // All guarded by this. Subscribers has its own lock, taken within this one and never around it.
    private final Waiting waiting = new Waiting();
    private final Erasures erasures = new Erasures();
    private Turn turn = Turn.NOT_BEGUN;
    private @Nullable Position goal;
    private boolean look; // whether to read at least once, without a goal
    private boolean atEntry; // whether an entry stands at the cursor, rather than nothing
    private long provenAt;
    private int attempts; // to fill, since it last got anywhere
    private long verifiedAsOf; // the outages before the log was last compared with the cursor
    private int ticket; // of the fill that is queued; one with an older ticket was overtaken

    private enum Turn {
        NOT_BEGUN,
        FREE,
        LIVE,
        FILL,
        REST
    }

    /** What is left after dispatching the waiting messages. */
    private enum Left {
        NOTHING,
        MESSAGES,
        A_HOLE
    }

    Sequencer(String topic, FeedTopic.Shared shared, Subscribers subscribers) {
        this.topic = topic;
        this.shared = shared;
        this.subscribers = subscribers;
    }

    /**
     * {@return the position up to which everything was dispatched, or null before the beginning}
     */
    @Nullable Position cursor() {
        return subscribers.cursor();
    }

    /**
     * Begins at {@code tail}.
     *
     * @param askedAt when it was asked for, later than listening
     * @param asOf the outages before that
     */
    synchronized void begin(Tail tail, long askedAt, long asOf) {
        moveTo(tail);
        erasures.begin(tail.erasedUpTo());
        verifiedAsOf = asOf;
        provenAt = askedAt;
        turn = Turn.FREE;
    }

    /** Continues with work that was left undone. */
    void wake() {
        synchronized (this) {
            boolean idle = !isBehind() && waiting.isEmpty() && erasures.isEmpty();
            if (turn != Turn.FREE || idle) {
                return;
            }
            turn = Turn.FILL;
        }
        beginFill();
    }

    void live(@Nullable Position previous, Entry entry) {
        synchronized (this) {
            waiting.add(new Waiting.Live(previous, entry));
            if (turn != Turn.FREE) {
                return;
            }
            turn = Turn.LIVE;
        }
        dispatchLive();
    }

    /**
     * Hands out an ephemeral message. It does not wait for a hole to be filled: only for a sink
     * that is being called.
     */
    void broadcast(EphemeralMessage message) {
        boolean mine;
        synchronized (this) {
            mine = turn == Turn.FREE;
            if (mine) {
                turn = Turn.LIVE; // so that a message that comes meanwhile is left to this thread
            }
        }
        subscribers.broadcast(message);
        if (mine) {
            dispatchLive();
        }
    }

    /** Tells the sinks that the log was erased up to {@code upTo}. */
    void deleted(Position upTo) {
        synchronized (this) {
            if (!erasures.raise(upTo) || turn != Turn.FREE) {
                return;
            }
            turn = Turn.LIVE;
        }
        dispatchLive();
    }

    /**
     * The same of a pattern, one of whose topics was erased: the others still have what they had.
     */
    void deletedInPart(Position upTo) {
        synchronized (this) {
            erasures.raiseInPart(upTo);
            if (turn != Turn.FREE) {
                return;
            }
            turn = Turn.LIVE;
        }
        dispatchLive();
    }

    /** For the thread that has taken the turn with what it brought. */
    private void dispatchLive() {
        if (dispatchWaiting() != Left.NOTHING) {
            synchronized (this) {
                turn = Turn.FILL;
            }
            beginFill();
        }
    }

    void announce(Position position) {
        synchronized (this) {
            Position cursor = subscribers.cursor();
            if (cursor == null || !isUpTo(position, cursor)) {
                raiseGoal(position);
            } else {
                look |= castsDoubt(position, cursor);
            }
        }
        wake();
    }

    /**
     * Takes the answer to a tail check.
     *
     * @param before the cursor before it was asked for
     * @param askedAt when it was asked for
     * @param asOf the outages before that
     */
    void checked(Position before, Tail tail, long askedAt, long asOf) {
        boolean again;
        int mine;
        synchronized (this) {
            Position cursor = cursorOr(before);
            Position at = tail.position();
            if (tail.erasedUpTo() != null) {
                erasures.raise(tail.erasedUpTo());
            }
            if (!at.sameEpoch(cursor)
                    || (at.sameEpoch(before) && before.isAfter(at))
                    || at.contradicts(before)
                    || at.contradicts(cursor)) {
                look = true; // the log was replaced or put back, or has lost its newest entries
            } else if (!at.isAfter(cursor)) {
                provenAt = askedAt;
            } else if (!tail.isEmpty() || !hidesNothing(tail, cursor)) {
                raiseGoal(at);
            } else if (turn == Turn.FREE) {
                moveTo(tail);
                provenAt = askedAt;
            }
            if (!isBehind()) {
                verifiedAsOf = asOf; // the tail is what stands at the cursor
            }
            again = turn == Turn.REST; // the servers answer: no need to rest any longer
            if (again) {
                turn = Turn.FILL;
                ticket++;
            }
            mine = ticket;
        }
        if (again) {
            queueFill(Duration.ZERO, mine);
        } else {
            wake();
        }
    }

    /** {@return the tail of the log, asked for now} */
    Tail tail() {
        Tail tail = shared.log().tails(Set.of(topic)).get(topic);
        if (tail == null) {
            throw new BrokerUnavailableException("the tail is not known topic=" + topic);
        }
        return tail;
    }

    /** For the thread that has the turn. If nothing is left, it gives the turn back. */
    private Left dispatchWaiting() {
        for (int i = 0; i < SHARE; i++) {
            Waiting.Live next;
            Position lostAfter = null; // if the log has lost what came after it
            tellErasures();
            Position cursor = theCursor();
            synchronized (this) {
                if (!erasures.isEmpty()) {
                    continue;
                }
                boolean wasAtEntry = atEntry;
                next = takeFitting();
                if (next == null) {
                    if (isBehind() && !subscribers.isEmpty()) {
                        return Left.A_HOLE;
                    }
                    turn = Turn.FREE;
                    attempts = 0;
                    return Left.NOTHING;
                }
                Position previous = next.previous();
                if (wasAtEntry && previous != null && !previous.equals(cursor)) {
                    lostAfter = previous;
                }
                atEntry = true;
            }
            if (lostAfter != null) {
                tellLost(cursor, lostAfter);
            }
            dispatch(next.entry());
        }
        return Left.MESSAGES;
    }

    /** Tells of an erased log, if there is something to tell. For the thread that has the turn. */
    private void tellErasures() {
        Erasures.Untold untold;
        synchronized (this) {
            untold = erasures.take();
        }
        Position part = untold.part();
        Position whole = untold.whole();
        if (part != null) {
            subscribers.dispatch(theCursor(), sink -> sink.deleted(part));
        }
        if (whole == null) {
            return;
        }
        Position cursor = theCursor();
        if (whole.sameEpoch(cursor) && whole.isAfter(cursor)) {
            subscribers.dispatch(whole, sink -> sink.gap(cursor, whole, GapReason.DELETED));
            nowAtEntry(false);
        }
        subscribers.dispatch(theCursor(), sink -> sink.deleted(whole));
    }

    private void tellLost(Position after, Position before) {
        subscribers.dispatch(before, sink -> sink.gap(after, before, GapReason.LOG_LOST));
    }

    /** {@return the next message that follows the cursor, or null; then the goal says why} */
    private Waiting.@Nullable Live takeFitting() {
        Position cursor = theCursor();
        while (true) {
            Waiting.Live first = waiting.first();
            if (first == null) {
                return null;
            }
            Position at = first.entry().position();
            Position previous = first.previous();
            if (isUpTo(at, cursor)) {
                waiting.removeFirst();
                if (castsDoubt(at, cursor)) {
                    look = true;
                    return null;
                }
            } else if (!at.sameEpoch(cursor)) {
                raiseGoal(at);
                return null;
            } else if (previous != null && castsDoubt(previous, cursor)) {
                waiting.removeFirst(); // the log has it
                raiseGoal(at);
                return null;
            } else if (previous == null
                    ? isProven()
                    : isUpTo(previous, cursor) && isTrusted(previous, cursor)) {
                waiting.removeFirst();
                return first;
            } else if (previous != null && isUpTo(previous, cursor)) {
                raiseGoal(at);
                return null;
            } else {
                raiseGoal(previous == null ? at : previous);
                return null;
            }
        }
    }

    private void dispatch(Entry entry) {
        if (entry.isSkipped()) {
            subscribers.moveTo(entry.position());
        } else {
            subscribers.dispatch(entry.position(), sink -> sink.message(entry));
        }
    }

    // Filling: only in a feed thread that has the turn

    private void beginFill() {
        shared.state().fillBegins();
        queueFill(Duration.ZERO);
    }

    private void queueFill(Duration delay) {
        int mine;
        synchronized (this) {
            mine = ticket;
        }
        queueFill(delay, mine);
    }

    private void queueFill(Duration delay, int mine) {
        shared.schedule().fill(delay, () -> fill(mine));
    }

    private void fill(int mine) {
        synchronized (this) {
            if (mine != ticket) {
                return;
            }
            turn = Turn.FILL;
        }
        Left left = dispatchWaiting();
        try {
            if (left == Left.A_HOLE) {
                left = readOn();
            }
        } catch (RuntimeException | Error e) { // the topic must not stop for ever, whatever it is
            var level = e instanceof BrokerUnavailableException ? Level.DEBUG : Level.WARNING;
            LOGGER.log(level, "the log cannot be read topic=" + topic, e);
            shared.state().fillFailed("a log cannot be read");
            synchronized (this) {
                look = true;
            }
            left = Left.A_HOLE;
        }
        switch (left) {
            case NOTHING -> shared.state().fillEnds();
            case MESSAGES -> queueFill(Duration.ZERO);
            case A_HOLE -> rest();
        }
    }

    /** Reads a page and dispatches it. {@return A_HOLE if that led nowhere} */
    private Left readOn() {
        Position after = theCursor();
        long asOf = shared.state().outages();
        synchronized (this) {
            look = false;
        }
        Page page = shared.log().read(topic, Start.after(after), null, PAGE_ENTRIES, PAGE_BYTES);
        dispatch(after, page);
        synchronized (this) {
            verifiedAsOf = asOf;
        }
        boolean moved = !theCursor().equals(after);
        boolean arrived;
        synchronized (this) {
            arrived = goal == null || isUpTo(goal, theCursor());
            if (arrived) {
                goal = null;
            }
            if (moved) {
                attempts = 0;
                look |= page.more();
            }
        }
        if (!moved && !arrived) {
            askForTheGoal();
            return dispatchWaiting();
        }
        Left left = dispatchWaiting();
        return left == Left.NOTHING ? left : Left.MESSAGES;
    }

    private void dispatch(Position after, Page page) {
        if (page.coverage() != Coverage.COMPLETE) {
            Position from = page.from();
            // A hole without length is none. A log that never gives a place twice, and so needs no
            // stamps, goes on beyond what it has lost.
            boolean hole =
                    page.coverage() == Coverage.AHEAD_OF_LOG
                            ? from.sameEpoch(after)
                                    && (after.isAfter(from)
                                            || (after.stamp() == 0 && from.isAfter(after)))
                            : !isUpTo(from, after);
            if (hole) {
                GapReason reason = GapReason.of(page.coverage());
                subscribers.dispatch(from, sink -> sink.gap(after, from, reason));
                nowAtEntry(false);
            }
        }
        for (Entry entry : page.entries()) {
            if (entry.position().sameEpoch(theCursor()) && !isUpTo(entry.position(), theCursor())) {
                dispatch(entry);
                nowAtEntry(true);
            }
        }
    }

    /** The log does not reach the goal, or not yet: its present tail becomes the new goal. */
    private void askForTheGoal() {
        synchronized (this) {
            waiting.clear();
            goal = null;
            look = false;
        }
        long askedAt = shared.schedule().nanos();
        Tail tail = tail();
        synchronized (this) {
            Position at = tail.position();
            if (isUpTo(at, theCursor()) || !at.sameEpoch(theCursor())) {
                return; // if the log is behind the cursor or another one, the next check finds out
            }
            if (tail.erasedUpTo() != null) {
                erasures.raise(tail.erasedUpTo());
            }
            if (tail.isEmpty() && tail.intactAfter() != null && !hidesNothing(tail, theCursor())) {
                look = true; // an entry may have come and gone since the page was read
            } else if (tail.isEmpty()) {
                moveTo(tail); // the page says that nothing is missing, and nothing is here
                provenAt = askedAt;
            } else {
                raiseGoal(at);
            }
        }
    }

    private void rest() {
        Duration delay;
        int mine;
        synchronized (this) {
            turn = Turn.REST;
            mine = ticket;
            delay = FIRST_REST.multipliedBy(1L << Math.min(attempts, MAX_DOUBLINGS));
            attempts++;
        }
        Duration longest = shared.resyncPeriod();
        queueFill(delay.compareTo(longest) < 0 ? delay : longest, mine);
    }

    // Under the lock, or in the thread that has the turn

    private void moveTo(Tail tail) {
        subscribers.moveTo(tail.position());
        atEntry = !tail.isEmpty();
    }

    private synchronized void nowAtEntry(boolean now) {
        atEntry = now;
    }

    private Position theCursor() {
        Position cursor = subscribers.cursor();
        if (cursor == null) {
            throw new IllegalStateException("not begun topic=" + topic);
        }
        return cursor;
    }

    private Position cursorOr(Position other) {
        Position cursor = subscribers.cursor();
        return cursor == null ? other : cursor;
    }

    private boolean isBehind() {
        return look || goal != null;
    }

    private void raiseGoal(Position position) {
        if (goal == null || !isUpTo(position, goal)) {
            goal = position;
        }
    }

    /** {@return whether a log with this empty tail has had nothing after {@code cursor}} */
    private boolean hidesNothing(Tail tail, Position cursor) {
        Position intactAfter = tail.intactAfter();
        return intactAfter == null ? isProven() : isUpTo(intactAfter, cursor);
    }

    private boolean isProven() {
        return shared.schedule().nanos() - provenAt
                < shared.resyncPeriod().toNanos() * PROOF_LASTS_PERIODS;
    }

    /**
     * {@return whether {@code position} is of an entry that was written after the one at the
     * cursor}
     */
    private static boolean castsDoubt(Position position, Position cursor) {
        return isUpTo(position, cursor)
                && cursor.stamp() != 0
                && (position.stamp() > cursor.stamp() || position.contradicts(cursor));
    }

    /**
     * {@return whether the live path may say that {@code previous} is what stands at the cursor}
     */
    private boolean isTrusted(Position previous, Position cursor) {
        return cursor.stamp() == 0
                || previous.stamp() != 0
                || verifiedAsOf == shared.state().outages();
    }

    private static boolean isUpTo(Position position, Position bound) {
        return position.sameEpoch(bound) && !position.isAfter(bound);
    }
}
