package dev.longwave.broker.feed;

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
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The servers of a deployment, in memory: a log of each topic, and whom to tell of what is new. */
final class Bus {

    private final InstantSource clock;
    private final Map<String, Log> logs = new HashMap<>(); // guarded by this, as are the logs
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private long epoch = 7;
    private int keep = Integer.MAX_VALUE;
    private long stamp; // of the newest position that has one; 0 if none gets any

    /** Whom to tell of what is new. */
    interface Listener {
        void published(String topic, @Nullable Position previous, Entry entry);

        default void broadcast(String topic, EphemeralMessage message) {}
    }

    /** One topic: its entries, and what went before them. */
    private static final class Log {
        private final List<Entry> entries = new ArrayList<>();
        private final Map<String, Position> ids = new HashMap<>();
        private Position trimmed; // all up to here are gone
        private Position tail;
        private Instant newestTrimmed = Instant.MIN;
        private final TreeMap<Long, Long> stamps = new TreeMap<>(); // by place, in this life

        private Log(long epoch) {
            trimmed = new Position(epoch, 0);
            tail = trimmed;
        }
    }

    Bus(InstantSource clock) {
        this.clock = clock;
    }

    void add(Listener listener) {
        listeners.add(listener);
    }

    void remove(Listener listener) {
        listeners.remove(listener);
    }

    /** Keeps that many entries of each topic. */
    synchronized void keep(int entries) {
        keep = entries;
    }

    /** From now on positions have stamps. */
    synchronized void stamp() {
        stamp = 1_000;
    }

    /** {@return a place in the log, stamped if that is done here} */
    private Position next(Log log, int steps) {
        var place = new Position(log.tail.epoch(), log.tail.major() + steps);
        if (stamp == 0) {
            return place;
        }
        stamp++;
        log.stamps.put(place.major(), stamp);
        return place.stamped(stamp);
    }

    Published publish(String topic, Message message) {
        Entry entry;
        Position previous;
        synchronized (this) {
            Log log = log(topic);
            Position first = message.id() == null ? null : log.ids.get(message.id());
            if (first != null) {
                return Published.duplicate(first, Durability.STORED);
            }
            // As with a stream for all topics, there is room between two positions.
            Position position = next(log, 3);
            entry = Entry.of(position, clock.instant().truncatedTo(ChronoUnit.MILLIS), message);
            previous = log.entries.isEmpty() ? null : log.tail;
            log.entries.add(entry);
            log.tail = position;
            if (message.id() != null) {
                log.ids.put(message.id(), position);
            }
            trim(topic, keep);
        }
        listeners.forEach(listener -> listener.published(topic, previous, entry));
        return Published.of(entry.position(), Durability.STORED);
    }

    void broadcast(String topic, EphemeralMessage message) {
        listeners.forEach(listener -> listener.broadcast(topic, message));
    }

    /** Drops all but the newest {@code count} entries of a topic. */
    synchronized void trim(String topic, int count) {
        Log log = log(topic);
        while (log.entries.size() > count) {
            Entry oldest = log.entries.removeFirst();
            log.trimmed = oldest.position();
            log.newestTrimmed = oldest.time();
        }
    }

    /** Loses the newest {@code count} entries of a topic. */
    synchronized void loseNewest(String topic, int count) {
        Log log = log(topic);
        for (int i = 0; i < count && !log.entries.isEmpty(); i++) {
            log.entries.removeLast();
        }
        log.tail = log.entries.isEmpty() ? log.trimmed : log.entries.getLast().position();
        log.stamps.tailMap(log.tail.major(), false).clear();
    }

    /** Replaces all logs by empty ones of a new epoch. */
    synchronized void loseEverything() {
        logs.clear();
        epoch++;
    }

    synchronized Tail tail(String topic) {
        Log log = log(topic);
        if (!log.entries.isEmpty()) {
            return Tail.at(log.tail);
        }
        // As in a stream for all topics, other topics move the tail of one without entries.
        log.tail = next(log, 1);
        return Tail.empty(log.tail);
    }

    /**
     * {@return the position of the newest entry that was dropped, or one before the first entry}
     */
    synchronized Position trimmed(String topic) {
        return log(topic).trimmed;
    }

    synchronized List<Entry> entries(String topic) {
        return List.copyOf(log(topic).entries);
    }

    synchronized Page read(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        Log log = log(topic);
        Position oldest = log.trimmed;
        Position from = oldest;
        var coverage = Coverage.COMPLETE;
        switch (start) {
            case Start.Earliest _ -> {}
            case Start.Last last -> {
                int skipped = log.entries.size() - last.count();
                from = skipped <= 0 ? oldest : log.entries.get(skipped - 1).position();
            }
            case Start.Since since -> {
                Instant time = since.time();
                for (Entry entry : log.entries) {
                    if (entry.time().isBefore(time)) {
                        from = entry.position();
                    }
                }
                if (!time.isAfter(log.newestTrimmed)) {
                    coverage = Coverage.TRIMMED;
                }
            }
            case Start.After after -> {
                Position cursor = after.position();
                if (!cursor.sameEpoch(log.tail)) {
                    coverage = Coverage.OTHER_EPOCH;
                } else if (cursor.isAfter(log.tail) || isOfOtherLife(log, cursor)) {
                    coverage = Coverage.AHEAD_OF_LOG;
                    from = beforeWhatIsNew(log, cursor);
                } else if (oldest.isAfter(cursor)) {
                    coverage = Coverage.TRIMMED;
                } else {
                    from = cursor;
                }
            }
            default -> throw start.unsupported();
        }
        Position bound = until != null && until.sameEpoch(log.tail) ? until : log.tail;
        if (!(start instanceof Start.After) || coverage != Coverage.COMPLETE) {
            from = from.isAfter(bound) ? bound : from;
        }
        return page(log, coverage, from, bound, maxEntries, maxBytes);
    }

    private static boolean isOfOtherLife(Log log, Position cursor) {
        Long known = log.stamps.get(cursor.major());
        return cursor.stamp() != 0 && (known == null || known != cursor.stamp());
    }

    /** The position before the first entry that is later than {@code cursor}. */
    private static Position beforeWhatIsNew(Log log, Position cursor) {
        Position before = log.trimmed;
        for (Entry entry : log.entries) {
            Position at = entry.position();
            boolean later = cursor.stamp() != 0 && at.stamp() > cursor.stamp();
            if (later || !cursor.isAfter(at)) {
                return before;
            }
            before = at;
        }
        return log.tail;
    }

    private static Page page(
            Log log, Coverage coverage, Position from, Position bound, int maxEntries, int max) {
        var entries = new ArrayList<Entry>();
        long bytes = 0;
        for (Entry entry : log.entries) {
            if (entry.position().isAfter(from) && !entry.position().isAfter(bound)) {
                bytes += entry.message().size();
                if (entries.size() == maxEntries || (bytes > max && !entries.isEmpty())) {
                    return Page.of(entries, coverage, from, true);
                }
                entries.add(entry);
            }
        }
        return Page.of(entries, coverage, from, false);
    }

    private Log log(String topic) {
        return logs.computeIfAbsent(topic, _ -> new Log(epoch));
    }
}
