package dev.longwave.core;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A broker that forgets, lags and loses its log on command. All under one lock. */
final class FakeBroker implements Broker {

    private final Set<Capability> capabilities = EnumSet.of(Capability.HISTORY);
    private final Map<String, List<Entry>> logs = new HashMap<>();
    private final Map<String, Sink> sinks = new HashMap<>();
    private final Map<String, Integer> delivered = new HashMap<>();
    private long epoch = 7;
    private boolean holdingBack;
    private int beyondTheTail;
    private int historyReads;
    private @Nullable String failingToClose;
    private Runnable beforeHistory = () -> {};

    void withoutHistory() {
        capabilities.clear();
    }

    void withPatterns() {
        capabilities.add(Capability.PATTERNS);
    }

    synchronized int historyReads() {
        return historyReads;
    }

    /** Has the end of a subscription of {@code topic} fail. */
    synchronized void failToClose(String topic) {
        failingToClose = topic;
    }

    /** Has {@code action} done each time history is about to be read. */
    void beforeHistory(Runnable action) {
        beforeHistory = action;
    }

    /** Stores what is published, and delivers it no earlier than {@link #deliver}. */
    synchronized void holdBack() {
        holdingBack = true;
    }

    synchronized void deliver(String topic) {
        List<Entry> log = log(topic);
        Sink sink = sinks.get(topic);
        int from = delivered.getOrDefault(topic, 0);
        delivered.put(topic, log.size());
        if (sink != null) {
            log.subList(from, log.size()).forEach(sink::message);
        }
    }

    synchronized void forgetUpTo(String topic, long sequence) {
        log(topic).replaceAll(e -> e.position().major() <= sequence ? forgotten(e) : e);
    }

    /** Loses all logs, and begins again as another broker would. */
    synchronized void restart() {
        epoch++;
        logs.clear();
        delivered.clear();
    }

    synchronized int size(String topic) {
        return log(topic).size();
    }

    /** Loses the newest {@code count} entries; their positions are used again. */
    synchronized void loseNewest(String topic, int count) {
        List<Entry> log = log(topic);
        log.subList(log.size() - count, log.size()).clear();
        delivered.put(topic, log.size());
    }

    synchronized void gap(String topic, Position after, Position before, GapReason reason) {
        Objects.requireNonNull(sinks.get(topic)).gap(after, before, reason);
    }

    private static Entry forgotten(Entry entry) {
        return Entry.of(entry.position(), Instant.MIN, entry.message());
    }

    private static boolean isThere(Entry entry) {
        return !entry.time().equals(Instant.MIN);
    }

    private List<Entry> log(String topic) {
        return logs.computeIfAbsent(topic, _ -> new ArrayList<>());
    }

    Position publish(String topic, String data) {
        return publish(topic, Message.of(data.getBytes(StandardCharsets.UTF_8))).position();
    }

    @Override
    public synchronized Published publish(String topic, Message message) {
        Position position = append(topic, message, null);
        return Published.of(position, Durability.MEMORY);
    }

    void broadcast(String topic, String data) {
        broadcast(topic, Message.of(data.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public synchronized void broadcast(String topic, Message message) {
        Sink sink = sinks.get(topic);
        if (sink != null) {
            sink.ephemeral(EphemeralMessage.of(message));
        }
    }

    /** Broadcasts to {@code topic}, and delivers it to the subscribers of {@code pattern}. */
    synchronized void broadcastIn(String pattern, String topic, String data) {
        Message message = Message.of(data.getBytes(StandardCharsets.UTF_8));
        Sink sink = sinks.get(pattern);
        if (sink != null) {
            sink.ephemeral(EphemeralMessage.of(message).in(topic));
        }
    }

    /** Publishes to {@code topic}, and delivers it to the subscribers of {@code pattern}. */
    synchronized Position publishIn(String pattern, String topic, Message message) {
        return append(pattern, message, topic);
    }

    private Position append(String name, Message message, @Nullable String topic) {
        List<Entry> log = log(name);
        var position = new Position(epoch, log.size() + 1);
        Entry entry = Entry.of(position, Instant.EPOCH, message);
        log.add(topic == null ? entry : entry.in(topic));
        if (!holdingBack) {
            deliver(name);
        }
        return position;
    }

    /** Has subscriptions begin so many positions after the last entry, where no entry is. */
    synchronized void beginBeyondTheTail(int positions) {
        beyondTheTail = positions;
    }

    @Override
    public synchronized Subscription subscribe(String topic, Sink sink) {
        sinks.put(topic, sink);
        int end = delivered.computeIfAbsent(topic, t -> log(t).size());
        var start = new Position(epoch, end + beyondTheTail);
        return new Subscription() {
            @Override
            public Position start() {
                return start;
            }

            @Override
            public void close() {
                synchronized (FakeBroker.this) {
                    if (topic.equals(failingToClose)) {
                        throw new AssertionError("as the test wants it topic=" + topic);
                    }
                    sinks.remove(topic, sink);
                }
            }
        };
    }

    synchronized boolean hasSubscription(String topic) {
        return sinks.containsKey(topic);
    }

    @Override
    public Page history(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        beforeHistory.run();
        synchronized (this) {
            historyReads++;
            List<Entry> log = log(topic);
            int oldest = 0;
            while (oldest < log.size() && !isThere(log.get(oldest))) {
                oldest++;
            }
            int from = oldest;
            Coverage coverage = Coverage.COMPLETE;
            switch (start) {
                case Start.After asked -> {
                    Position after = asked.position();
                    if (after.epoch() != epoch) {
                        coverage = Coverage.OTHER_EPOCH;
                    } else if (after.major() > log.size()) {
                        coverage = Coverage.AHEAD_OF_LOG;
                        from = log.size();
                    } else if (after.major() < oldest) {
                        coverage = Coverage.TRIMMED;
                    } else {
                        from = (int) after.major();
                    }
                }
                case Start.Last last -> {
                    int end = end(log, until);
                    from = Math.max(oldest, end - last.count());
                }
                default -> {
                    // From the oldest.
                }
            }
            int end = end(log, until);
            int pageEnd = Math.min(end, from + maxEntries);
            return Page.of(
                    from < pageEnd ? log.subList(from, pageEnd) : List.of(),
                    coverage,
                    new Position(epoch, from),
                    pageEnd < end);
        }
    }

    private static int end(List<Entry> log, @Nullable Position until) {
        return until == null ? log.size() : (int) Math.min(log.size(), until.major());
    }

    @Override
    public Set<Capability> capabilities() {
        return capabilities;
    }

    @Override
    public int maxMessageBytes() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void close() {
        // Nothing to give back.
    }
}
