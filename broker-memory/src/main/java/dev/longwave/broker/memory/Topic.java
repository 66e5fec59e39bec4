package dev.longwave.broker.memory;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One topic: its log, the ids it has seen, and its subscribers. Safe for many threads. */
final class Topic {
    /*
     * Everything is guarded by the monitor of `dispatcher`, which describes how entries reach the sinks.
     *
     * Patterns. An entry of a topic that patterns match goes to their feeds as well, under the same
     * lock: see PublishOrder. The publisher waits for room in the feeds before it takes the lock,
     * and hands out what they hold after it has left it, even if it was refused: another publisher
     * may have left that work to it.
     *
     * Being forgotten. See isUnused(); the flag is set once, under the lock, and a thread that finds it
     * set gets a new topic from the broker. A forgotten topic can still be read.
     */

    /** How exactly it is known which topic was used least recently. */
    private static final long USE_GRAIN_MILLIS = 1000;

    /** What an empty topic costs beside its name: itself, its log, and its places in two maps. */
    private static final int TOPIC_BYTES = 400;

    private final String name;
    private final int ownBytes;
    private final Shared shared;
    private final EntryLog log;
    private final Dispatcher dispatcher;
    private final long newestForgotten; // by its former lives
    private @Nullable RecentIds ids;
    private @Nullable Position erasedUpTo;
    private long newestTrimmed = Long.MIN_VALUE;
    private long lastUse;
    private long charged;
    private Instant lastTime = Instant.EPOCH;
    private volatile boolean forgotten; // written under the lock
    private Matching matching = Matching.NONE; // immutable, and found anew if it is not up to date

    /** What all topics of a broker have in common. */
    record Shared(
            MemorySettings settings,
            InstantSource clock,
            PublishOrder order,
            Budget budget,
            ForgottenTopics forgottenTopics) {}

    /** Which of the feeds {@code present} a topic belongs to. */
    @SuppressWarnings("ArrayRecordComponent") // never changed, and compared by identity
    private record Matching(PatternFeed[] present, PatternFeed[] feeds) {

        private static final Matching NONE = new Matching(PublishOrder.NONE, PublishOrder.NONE);
    }

    /** A topic that nobody has used since it was last forgotten, if it ever was. */
    Topic(String name, Shared shared) {
        this.name = name;
        this.ownBytes = TOPIC_BYTES + Characters.bytes(name);
        this.shared = shared;
        this.newestForgotten = shared.forgottenTopics.newestTrimmed(name);
        this.log = new EntryLog(shared.order.position(shared.forgottenTopics.tail(name)));
        this.dispatcher = new Dispatcher(name, log, true);
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

    boolean isEmpty() {
        synchronized (dispatcher) {
            return log.isEmpty();
        }
    }

    /**
     * {@return the answer, or null if this topic is forgotten: get it anew}
     *
     * @throws BrokerUnavailableException if there was no room in time, or if interrupted while
     *     waiting for it; it was not accepted
     */
    @Nullable Published publish(Message message) {
        try {
            for (PatternFeed feed : feeds()) {
                feed.awaitRoom();
            }
            return publishToTopic(message);
        } finally {
            for (PatternFeed feed : feeds()) {
                feed.drain();
            }
        }
    }

    private @Nullable Published publishToTopic(Message message) {
        Published published;
        boolean drain;
        boolean used = false;
        boolean gaveUp;
        synchronized (dispatcher) {
            gaveUp = !dispatcher.awaitRoom();
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
                published = Published.of(first, Durability.MEMORY);
            } else {
                published = Published.duplicate(first, Durability.MEMORY);
            }
            // A duplicate as well: its publisher may be the one whom a drainer left its work to.
            drain = dispatcher.claim();
            trim(now);
            settle();
        }
        if (gaveUp) {
            dispatcher.warnOfBlockedSink();
        }
        if (used) {
            shared.budget.use(this);
        }
        if (drain) {
            dispatcher.drain();
        }
        return published;
    }

    /** Drops all entries. {@return how far the log was erased} */
    Position erase() {
        Position upTo;
        boolean drain;
        synchronized (dispatcher) {
            upTo = log.position(log.tail());
            while (!log.isEmpty()) {
                removeFirst();
            }
            erasedUpTo = upTo;
            dispatcher.erased(upTo);
            drain = dispatcher.claim();
            settle();
        }
        if (drain) {
            dispatcher.drain();
        }
        for (PatternFeed feed : shared.order.feeds()) {
            if (feed.matches(name)) {
                feed.erased(upTo);
            }
        }
        return upTo;
    }

    /** Hands out an ephemeral message, after the entries that there are. */
    void broadcast(EphemeralMessage message) {
        boolean drain;
        synchronized (dispatcher) {
            dispatcher.pass(message);
            drain = dispatcher.claim();
        }
        if (drain) {
            dispatcher.drain();
        }
    }

    /** {@return the subscription, or null if this topic is forgotten: get it anew} */
    Broker.@Nullable Subscription subscribe(Broker.Sink sink) {
        synchronized (dispatcher) {
            if (forgotten) {
                return null;
            }
            var interest = new Interest(dispatcher.add(sink));
            settle();
            return interest;
        }
    }

    Page history(Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        synchronized (dispatcher) {
            trim(shared.clock.millis());
            settle();
            var coverage = Coverage.COMPLETE;
            long after; // the index of the entry before those wanted
            switch (start) {
                case Start.Earliest _ -> after = log.first() - 1;
                case Start.Last newest ->
                        after = Math.max(log.first() - 1, log.tail() - newest.count());
                case Start.Since since -> {
                    Instant time = since.time();
                    after = lastBefore(time);
                    if (!time.isAfter(
                            Instant.ofEpochMilli(Math.max(newestTrimmed, newestForgotten)))) {
                        coverage = Coverage.TRIMMED;
                    }
                }
                case Start.After asked -> {
                    Position cursor = asked.position();
                    coverage = coverage(cursor);
                    after =
                            switch (coverage) {
                                case COMPLETE -> log.indexAfter(cursor) - 1;
                                case TRIMMED, DELETED, OTHER_EPOCH -> log.first() - 1;
                                case AHEAD_OF_LOG -> log.tail();
                            };
                }
                default -> throw start.unsupported();
            }
            long last = log.tail();
            Position from = log.position(after);
            if (until != null && until.epoch() == shared.order.epoch()) {
                last = log.indexAfter(until) - 1;
                if (from.isAfter(until)) {
                    from = until;
                }
            }
            if (start instanceof Start.After asked && coverage == Coverage.COMPLETE) {
                from = asked.position();
            }
            return page(from, coverage, after + 1, last, maxEntries, maxBytes);
        }
    }

    // For patterns.

    /** Returns once no publisher can overlook a feed that was added before. */
    void noticeFeeds() {
        synchronized (dispatcher) {
            var _ = feeds();
        }
    }

    /** Adds to {@code merge} what this topic has, and what it has lost. */
    void addTo(Merge merge) {
        synchronized (dispatcher) {
            trim(shared.clock.millis());
            settle();
            if (log.hasLost()) {
                merge.lost(log.position(log.first() - 1));
            }
            long index = log.indexAfter(merge.after());
            while (index <= log.tail() && merge.wants(log.get(index))) {
                merge.add(log.get(index).in(name));
                index++;
            }
        }
    }

    /** Adds to {@code newest} the positions of the newest entries up to {@code last}. */
    void addTo(Newest newest, Position last) {
        synchronized (dispatcher) {
            long index = log.indexAfter(last) - 1;
            while (index >= log.first() && newest.add(log.get(index).position())) {
                index--;
            }
        }
    }

    /** {@return the position of the oldest entry accepted at {@code time} or later, if any is} */
    Optional<Position> firstSince(Instant time) {
        synchronized (dispatcher) {
            long index = lastBefore(time) + 1;
            return index > log.tail() ? Optional.empty() : Optional.of(log.position(index));
        }
    }

    /** {@return whether an entry that was accepted at {@code time} or later is lost} */
    boolean hasLostSince(Instant time) {
        synchronized (dispatcher) {
            return log.hasLost() && !time.isAfter(Instant.ofEpochMilli(newestTrimmed));
        }
    }

    /** {@return those of the feeds present that are for this topic} */
    @SuppressWarnings("ReferenceEquality") // feeds that change are another array
    private PatternFeed[] feeds() {
        PatternFeed[] present = shared.order.feeds();
        Matching known = matching;
        if (known.present != present) {
            known =
                    new Matching(
                            present,
                            Arrays.stream(present)
                                    .filter(feed -> feed.matches(name))
                                    .toArray(PatternFeed[]::new));
            matching = known;
        }
        return known.feeds;
    }

    // Being kept.

    /** Drops what is too old, and this topic itself if nobody needs it any more. */
    void sweep() {
        synchronized (dispatcher) {
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
    }

    /**
     * Drops the oldest entries that are handed out until {@code wanted} bytes are free; if they do
     * not suffice the ids as well, and this topic itself if nobody is in it.
     */
    void evict(long wanted) {
        synchronized (dispatcher) {
            long goal = log.bytes() - wanted;
            while (!log.isEmpty() && log.bytes() > goal && dispatcher.mayDropFirst()) {
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
    }

    /** Ends all subscriptions, and returns once no sink is being called. */
    void close() {
        dispatcher.close();
    }

    /**
     * {@return whether this topic holds nothing but its tail}, which {@link ForgottenTopics} can
     * keep as well. It is kept here for as long after its last use as entries are, as a reader who
     * was away for no longer than that must not be told of a hole where there is none.
     */
    private boolean isUnused() {
        return log.isEmpty() && ids == null && dispatcher.isIdle();
    }

    private void forget() {
        long tail = log.position(log.tail()).major();
        shared.forgottenTopics.add(name, tail, Math.max(newestTrimmed, newestForgotten));
        if (log.hasLost()) {
            shared.forgottenTopics.addForPatterns(name, tail, newestTrimmed);
        }
        forgotten = true;
    }

    private Position append(Message message, long now) {
        Entry entry = shared.order.next(name, time(now), message, feeds());
        dispatcher.append(entry);
        if (message.id() != null && ids != null) {
            ids.add(message.id(), entry.position(), now);
        }
        return entry.position();
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
                && dispatcher.mayDropFirst()) {
            removeFirst();
        }
    }

    private void removeFirst() {
        newestTrimmed = Math.max(newestTrimmed, log.removeFirst().time().toEpochMilli());
    }

    /** Tells the budget what this topic costs now. */
    private void settle() {
        long cost = forgotten ? 0 : ownBytes + log.bytes() + (ids == null ? 0 : ids.bytes());
        if (cost != charged) {
            shared.budget.add(cost - charged);
            charged = cost;
        }
    }

    // Reading.

    private Coverage coverage(Position cursor) {
        if (cursor.epoch() != shared.order.epoch()) {
            return Coverage.OTHER_EPOCH;
        }
        if (cursor.isAfter(log.position(log.tail()))) {
            return Coverage.AHEAD_OF_LOG;
        }
        if (!log.position(log.first() - 1).isAfter(cursor)) {
            return Coverage.COMPLETE;
        }
        return erasedUpTo != null && erasedUpTo.isAfter(cursor)
                ? Coverage.DELETED
                : Coverage.TRIMMED;
    }

    private long lastBefore(Instant time) {
        long index = log.first();
        while (index <= log.tail() && log.get(index).time().isBefore(time)) {
            index++;
        }
        return index - 1;
    }

    private Page page(
            Position from, Coverage coverage, long first, long last, int maxEntries, int maxBytes) {
        List<Entry> entries = new ArrayList<>();
        long bytes = 0;
        long index = first;
        while (index <= last && entries.size() < maxEntries) {
            Entry entry = log.get(index);
            bytes += entry.message().size();
            if (bytes > maxBytes && !entries.isEmpty()) {
                break;
            }
            entries.add(entry);
            index++;
        }
        return Page.of(entries, coverage, from, index <= last);
    }

    /** One subscription. */
    private final class Interest implements Broker.Subscription {

        private final Dispatcher.Subscriber subscriber;

        Interest(Dispatcher.Subscriber subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public Position start() {
            return subscriber.start();
        }

        @Override
        public void close() {
            boolean last;
            boolean quiet;
            synchronized (dispatcher) {
                last = dispatcher.remove(subscriber);
                if (last) {
                    lastUse = shared.clock.millis();
                }
                quiet = dispatcher.awaitTurn();
            }
            dispatcher.warnUnless(quiet);
            if (last) {
                shared.budget.use(Topic.this);
            }
        }
    }
}
