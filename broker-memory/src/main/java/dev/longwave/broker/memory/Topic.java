package dev.longwave.broker.memory;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One topic: its log, the ids it has seen, and who listens. Safe for many threads. */
final class Topic {
    /*
     * Everything is guarded by this object's monitor, except that sinks are called outside it.
     *
     * Handing out. Publishers append under the lock. The one who finds nobody handing out becomes
     * the drainer: it takes one entry after another, with the listeners of that moment, under the
     * lock, and calls the sinks outside it, until `handedOut` has reached the tail; the others
     * leave their entries to it. So there is one call at a time and in order, without a queue or a
     * thread of its own, and an entry is handed out by its publisher wherever nobody else
     * publishes.
     *
     * Subscribing. The start position is `handedOut`. What comes later is taken later, and then
     * with the new listener among those it is for; what came earlier is not, as the listeners are
     * taken together with the entry. Hence no hole and no overlap.
     *
     * Unsubscribing. Once a listener is off the list, only the entry that is being handed out can
     * still reach it. close() therefore waits until `handedOut` moves or the drainer is done. The
     * drainer itself, closing from within a sink, need not wait; the `closed` flag keeps it from
     * calling what it has closed.
     *
     * Falling behind. Retention spares what is not handed out, and a publisher that finds
     * MAX_UNDELIVERED such entries waits until the drainer has caught up by half: otherwise
     * publishers that are faster than the sinks would grow the log without bound. A drainer that
     * has handed out its share passes the work on to one of those who wait, so that nobody is kept
     * for ever. If nothing moves for STUCK_NANOS, a sink is blocked: publishers stop waiting until
     * something moves, retention spares nothing, and the listeners are told of the hole.
     *
     * Being forgotten. See isUnused(); the flag is set once, under the lock, and whoever finds it
     * set gets the topic anew from the broker. A forgotten topic can still be read.
     */
    private static final Logger LOGGER = System.getLogger(Topic.class.getName());

    private static final int MAX_UNDELIVERED = 1024;
    private static final int SHARE = 256;
    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How exactly it is known which topic was used least recently. */
    private static final long USE_GRAIN_MILLIS = 1000;

    /** What an empty topic costs beside its name: itself, its log, and its places in two maps. */
    private static final int TOPIC_BYTES = 320;

    private static final Listener[] NOBODY = {};

    private final String name;
    private final Shared shared;
    private final EntryLog log;
    private @Nullable RecentIds ids;
    private Listener[] listeners = NOBODY; // replaced, never changed
    private long handedOut;
    private @Nullable Thread drainer;
    private boolean stuck;
    private int waitingForRoom;
    private int waitingForTurn;
    private long newestTrimmed;
    private long lastUse;
    private long charged;
    private Instant lastTime = Instant.EPOCH;
    private volatile boolean forgotten; // written under the lock

    /** What all topics of a broker have in common. */
    record Shared(
            MemorySettings settings,
            InstantSource clock,
            long epoch,
            Budget budget,
            ForgottenTopics forgottenTopics) {}

    /** A topic that nobody has used since it was last forgotten, if it ever was. */
    Topic(String name, Shared shared) {
        this.name = name;
        this.shared = shared;
        this.newestTrimmed = shared.forgottenTopics.newestTrimmed(name);
        this.log = new EntryLog(shared.forgottenTopics.tail(name));
        this.handedOut = log.tail();
    }

    /**
     * What is still known of a topic that is forgotten or never was: to be read, not to be kept.
     */
    static Topic forgotten(String name, Shared shared) {
        var topic = new Topic(name, shared);
        topic.forgotten = true;
        return topic;
    }

    String name() {
        return name;
    }

    boolean isForgotten() {
        return forgotten;
    }

    synchronized boolean isEmpty() {
        return log.isEmpty();
    }

    /**
     * {@return the answer, or null if this topic is forgotten: get it anew}
     *
     * @throws BrokerUnavailableException if there was no room in time, or if interrupted while
     *     waiting for it; it was not accepted
     */
    @Nullable Published publish(Message message) {
        Published published;
        boolean drain;
        boolean used = false;
        boolean gaveUp;
        synchronized (this) {
            gaveUp = !awaitRoom();
            if (forgotten) {
                return null;
            }
            long now = shared.clock.millis();
            Position first = message.id() == null ? null : firstPosition(message.id(), now);
            if (first == null) {
                used = log.isEmpty() || now - lastUse >= USE_GRAIN_MILLIS;
                first = append(message, now);
                if (used) {
                    lastUse = now;
                }
                published = new Published(first, Durability.MEMORY, false);
            } else {
                published = new Published(first, Durability.MEMORY, true);
            }
            // A duplicate as well: its publisher may be the one whom a drainer left its work to.
            drain = drainer == null && handedOut < log.tail();
            if (drain) {
                drainer = Thread.currentThread();
            }
            trim(now);
            settle();
        }
        if (gaveUp) {
            LOGGER.log(
                    Level.WARNING, "a sink blocks its topic, and may miss events topic={0}", name);
        }
        if (used) {
            shared.budget.use(this);
        }
        if (drain) {
            drain();
        }
        return published;
    }

    /** {@return the subscription, or null if this topic is forgotten: get it anew} */
    synchronized Broker.@Nullable Subscription subscribe(Broker.Sink sink) {
        if (forgotten) {
            return null;
        }
        var listener = new Listener(sink, position(handedOut));
        Listener[] more = Arrays.copyOf(listeners, listeners.length + 1);
        more[listeners.length] = listener;
        listeners = more;
        settle();
        return listener;
    }

    synchronized Page history(Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        trim(shared.clock.millis());
        settle();
        var coverage = Coverage.COMPLETE;
        long after;
        switch (start) {
            case Start.Earliest _ -> after = log.first() - 1;
            case Start.Last(int count) -> after = Math.max(log.first() - 1, log.tail() - count);
            case Start.Since(Instant time) -> {
                after = lastBefore(time);
                if (!time.isAfter(Instant.ofEpochMilli(newestTrimmed))) {
                    coverage = Coverage.TRIMMED;
                }
            }
            case Start.After(Position cursor) -> {
                coverage = coverage(cursor);
                after =
                        switch (coverage) {
                            case COMPLETE -> cursor.major();
                            case TRIMMED, OTHER_EPOCH -> log.first() - 1;
                            case AHEAD_OF_LOG -> log.tail();
                        };
            }
        }
        long last =
                until == null || until.epoch() != shared.epoch
                        ? log.tail()
                        : Math.min(log.tail(), until.major());
        if (start instanceof Start.After(Position cursor) && coverage == Coverage.COMPLETE) {
            return page(cursor, coverage, last, maxEntries, maxBytes);
        }
        return page(position(Math.min(after, last)), coverage, last, maxEntries, maxBytes);
    }

    /** Drops what is too old, and this topic itself if nobody needs it any more. */
    synchronized void sweep() {
        long now = shared.clock.millis();
        trim(now);
        if (ids != null) {
            ids.expire(now);
            if (ids.isEmpty()) {
                ids = null;
            }
        }
        if (isUnused() && now - lastUse >= shared.settings.retentionAge().toMillis()) {
            forget();
        }
        settle();
    }

    /**
     * Drops the oldest entries that are handed out until {@code wanted} bytes are free; if they do
     * not suffice the ids as well, and this topic itself if nobody is in it.
     */
    synchronized void evict(long wanted) {
        long goal = log.bytes() - wanted;
        while (!log.isEmpty() && log.bytes() > goal && mayDropFirst()) {
            removeFirst();
        }
        if (log.isEmpty()) {
            ids = null;
            if (isUnused()) {
                forget();
            }
        }
        settle();
    }

    /** Ends all subscriptions, and returns once no sink is being called. */
    void close() {
        boolean quiet;
        synchronized (this) {
            for (Listener listener : listeners) {
                listener.closed = true;
            }
            listeners = NOBODY;
            quiet = awaitTurn();
        }
        warnUnless(quiet);
    }

    /**
     * {@return whether this topic holds nothing but its tail}, which {@link ForgottenTopics} can
     * keep as well. It is kept here for as long after its last use as entries are, as a reader who
     * was away for no longer than that must not be told of a hole where there is none.
     */
    private boolean isUnused() {
        return log.isEmpty() && ids == null && listeners.length == 0 && drainer == null;
    }

    private void forget() {
        shared.forgottenTopics.add(name, log.tail(), newestTrimmed);
        forgotten = true;
    }

    private Position append(Message message, long now) {
        var position = position(log.tail() + 1);
        log.append(new Entry(position, time(now), message));
        if (message.id() != null && ids != null) {
            ids.add(message.id(), position, now);
        }
        if (drainer == null && listeners.length == 0) {
            handedOut = log.tail();
        }
        return position;
    }

    /** {@return where the message with this id stands, or null if it is not known} */
    private @Nullable Position firstPosition(String id, long now) {
        if (ids == null) {
            ids = new RecentIds(shared.settings);
        }
        ids.expire(now);
        return ids.find(id);
    }

    /** {@return the time as an Instant, the same one for all entries of a millisecond} */
    private Instant time(long now) {
        if (lastTime.toEpochMilli() != now) {
            lastTime = Instant.ofEpochMilli(now);
        }
        return lastTime;
    }

    private void trim(long now) {
        MemorySettings settings = shared.settings;
        long oldestKept = now - settings.retentionAge().toMillis();
        while (!log.isEmpty()
                && (log.size() > settings.retentionCount()
                        || log.bytes() > settings.retentionBytes()
                        || log.get(log.first()).time().toEpochMilli() < oldestKept)
                && mayDropFirst()) {
            removeFirst();
        }
    }

    private boolean mayDropFirst() {
        return log.first() <= handedOut || stuck;
    }

    private void removeFirst() {
        newestTrimmed = Math.max(newestTrimmed, log.removeFirst().time().toEpochMilli());
    }

    /** Tells the budget what this topic costs now. */
    private void settle() {
        long cost =
                forgotten
                        ? 0
                        : TOPIC_BYTES
                                + name.length()
                                + log.bytes()
                                + (ids == null ? 0 : ids.bytes());
        if (cost != charged) {
            shared.budget.add(cost - charged);
            charged = cost;
        }
    }

    private Position position(long sequence) {
        return new Position(shared.epoch, sequence);
    }

    private Coverage coverage(Position cursor) {
        if (cursor.epoch() != shared.epoch) {
            return Coverage.OTHER_EPOCH;
        }
        if (cursor.major() > log.tail()) {
            return Coverage.AHEAD_OF_LOG;
        }
        return cursor.major() < log.first() - 1 ? Coverage.TRIMMED : Coverage.COMPLETE;
    }

    private long lastBefore(Instant time) {
        long sequence = log.first();
        while (sequence <= log.tail() && log.get(sequence).time().isBefore(time)) {
            sequence++;
        }
        return sequence - 1;
    }

    private Page page(Position from, Coverage coverage, long last, int maxEntries, int maxBytes) {
        List<Entry> entries = new ArrayList<>();
        long bytes = 0;
        long sequence = from.major() + 1;
        while (sequence <= last && entries.size() < maxEntries) {
            Entry entry = log.get(sequence);
            bytes += entry.message().data().length;
            if (bytes > maxBytes && !entries.isEmpty()) {
                break;
            }
            entries.add(entry);
            sequence++;
        }
        return new Page(entries, coverage, from, sequence <= last);
    }

    /** {@return false if it gave up, because a sink blocks} */
    private boolean awaitRoom() {
        if (hasRoom()) {
            return true;
        }
        long begin = System.nanoTime();
        long moved = begin;
        long seen = handedOut;
        waitingForRoom++;
        try {
            while (!hasRoom()) {
                long now = System.nanoTime();
                if (handedOut != seen) {
                    seen = handedOut;
                    moved = now;
                }
                if (now - moved >= STUCK_NANOS) {
                    stuck = true;
                    return false;
                }
                if (now - begin >= PATIENCE_NANOS) {
                    throw new BrokerUnavailableException(
                            "the sinks are too slow for the publishers topic=" + name);
                }
                TimeUnit.NANOSECONDS.timedWait(this, STUCK_NANOS - (now - moved));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            if (!hasRoom()) {
                throw new BrokerUnavailableException(
                        "interrupted while waiting for room topic=" + name, e);
            }
        } finally {
            waitingForRoom--;
        }
        return true;
    }

    /**
     * {@return whether a publisher may go on}. It must where nobody hands out, for then it is the
     * one to do so, and where it is itself handing out.
     */
    private boolean hasRoom() {
        return log.tail() - handedOut < MAX_UNDELIVERED
                || stuck
                || drainer == null
                || drainer == Thread.currentThread();
    }

    /**
     * Waits until the entry that is being handed out has reached every sink it is for.
     *
     * @return false if it gave up, because a sink blocks
     */
    private boolean awaitTurn() {
        if (drainer == null || drainer == Thread.currentThread()) {
            return true;
        }
        long turn = handedOut;
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        boolean interrupted = false;
        waitingForTurn++;
        while (drainer != null && handedOut == turn) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                break;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException _) {
                // To leave now would break the promise that the sink is not called any more.
                interrupted = true;
            }
        }
        waitingForTurn--;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return drainer == null || handedOut != turn;
    }

    private void warnUnless(boolean quiet) {
        if (!quiet) {
            LOGGER.log(Level.WARNING, "a sink blocks, and is closed while called topic={0}", name);
        }
    }

    private void drain() {
        int turns = 0;
        while (true) {
            Entry entry = null;
            long after;
            long before;
            Listener[] targets;
            synchronized (this) {
                if (listeners.length == 0) {
                    handedOut = log.tail();
                }
                boolean done = handedOut == log.tail() || (waitingForRoom > 0 && turns >= SHARE);
                if (done) {
                    drainer = null;
                }
                wakeWaiting();
                if (done) {
                    return;
                }
                stuck = false;
                targets = listeners;
                after = handedOut;
                before = Math.max(after + 1, log.first() - 1);
                handedOut = before;
                if (before >= log.first()) {
                    entry = log.get(before);
                }
            }
            handOut(targets, entry, after, before);
            turns++;
        }
    }

    private void wakeWaiting() {
        boolean room = drainer == null || log.tail() - handedOut <= MAX_UNDELIVERED / 2;
        if (waitingForTurn > 0 || (waitingForRoom > 0 && room)) {
            notifyAll();
        }
    }

    private void handOut(Listener[] targets, @Nullable Entry entry, long after, long before) {
        for (Listener listener : targets) {
            if (listener.closed) {
                continue;
            }
            try {
                if (entry != null) {
                    listener.sink.message(entry);
                } else {
                    listener.sink.gap(position(after), position(before), GapReason.EXPIRED);
                }
            } catch (Throwable e) { // whatever it is, the other sinks and the publisher go on
                if (!listener.failed) {
                    listener.failed = true;
                    LOGGER.log(Level.WARNING, "a sink failed topic=" + name, e);
                }
            }
        }
    }

    /** One subscription. */
    private final class Listener implements Broker.Subscription {

        private final Broker.Sink sink;
        private final Position start;
        private boolean failed; // read and written by the drainer alone
        private volatile boolean closed;

        Listener(Broker.Sink sink, Position start) {
            this.sink = sink;
            this.start = start;
        }

        @Override
        public Position start() {
            return start;
        }

        @Override
        public void close() {
            boolean last;
            boolean quiet;
            synchronized (Topic.this) {
                closed = true;
                last = remove(this) && listeners.length == 0;
                if (last) {
                    lastUse = shared.clock.millis();
                }
                quiet = awaitTurn();
            }
            warnUnless(quiet);
            if (last) {
                shared.budget.use(Topic.this);
            }
        }
    }

    private boolean remove(Listener listener) {
        int index = Arrays.asList(listeners).indexOf(listener);
        if (index < 0) {
            return false;
        }
        var fewer = new Listener[listeners.length - 1];
        System.arraycopy(listeners, 0, fewer, 0, index);
        System.arraycopy(listeners, index + 1, fewer, index, fewer.length - index);
        listeners = fewer;
        return true;
    }
}
