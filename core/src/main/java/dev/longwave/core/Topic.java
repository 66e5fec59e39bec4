package dev.longwave.core;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.TopicPattern;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One topic or pattern on this node, while this node has an interest in it: its log and its
 * subscribers.
 *
 * <p>A pattern is one more topic here, whose entries name their own topic.
 */
final class Topic implements Broker.Sink {
    /*
     * The broker calls message(), gap(), and ephemeral() one at a time, which makes it the log's appending thread. It may
     * do so before subscribe() has returned and the origin is known; the log accepts that, and is not read
     * until `ready` is completed.
     */
    private static final Duration READY_DEADLINE = Duration.ofSeconds(30);

    private final boolean pattern;
    private final Broker broker;
    private final FanOut fanOut;
    private final TopicId id;
    private final Consumer<Topic> onRelease;
    private final HubCounters counters;
    private final Replays replays;
    private final TopicLog log;
    private final LagPolicy lagPolicy;
    private final Subscribers subscribers = new Subscribers();
    private final CompletableFuture<Broker.Subscription> ready = new CompletableFuture<>();
    private int ephemeralRun; // how many end the log; for the appending thread

    // How many use it, and since when none does. For Hub, under its map's lock for this key.
    int users;
    long idleSinceNanos;

    /**
     * @param counters count what happens to it
     * @param replays bound the reading of history
     * @param onRelease gives up one use of this topic
     */
    Topic(
            String name,
            Broker broker,
            FanOut fanOut,
            HubOptions options,
            HubCounters counters,
            Replays replays,
            Consumer<Topic> onRelease) {
        this.pattern = TopicPattern.isPattern(name);
        this.broker = broker;
        this.fanOut = fanOut;
        this.id = new TopicId(name);
        this.counters = counters;
        this.replays = replays;
        this.onRelease = onRelease;
        this.log = new TopicLog(options.topicLogEvents(), options.topicLogBytes());
        this.lagPolicy = options.lagPolicies().apply(name);
    }

    /** Subscribes at the broker. Once, by the thread that made this topic. */
    void open() {
        try {
            Broker.Subscription subscription = broker.subscribe(id.name(), this);
            try {
                log.origin(origin(subscription.start()));
            } catch (RuntimeException | Error e) {
                subscription.close();
                throw e;
            }
            ready.complete(subscription);
        } catch (RuntimeException | Error e) { // or others would wait for it in vain
            ready.completeExceptionally(e);
            throw e;
        }
    }

    /** Waits until it is open. */
    void awaitOpen() {
        try {
            ready.get(READY_DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException(
                    "interrupted while subscribing topic=" + id.name(), e);
        } catch (ExecutionException | TimeoutException e) {
            throw new BrokerUnavailableException("cannot subscribe topic=" + id.name(), e);
        }
    }

    /** Gives up its subscription at the broker, if it has one. */
    void close() {
        if (ready.isDone() && !ready.isCompletedExceptionally()) {
            ready.join().close();
        }
    }

    /**
     * The last entry up to {@code start} if the broker still has it, so that its end, and its data,
     * are known without asking again; else just the position.
     */
    private Event origin(Position start) {
        if (broker.capabilities().contains(Capability.HISTORY)) {
            Page last = broker.history(id.name(), Start.last(1), start, 1, Integer.MAX_VALUE);
            // Of a pattern, the start need not be where its last entry is.
            if (!last.entries().isEmpty() && (pattern || last.end().equals(start))) {
                return Event.message(0, id, last.entries().getLast());
            }
        }
        return Event.origin(id, start);
    }

    @Override
    public void message(Entry entry) {
        counters.event();
        log.append(Event.message(log.nextSequence(), id, entry, ephemeralRun));
        ephemeralRun = 0;
        fanOut.signal(subscribers);
    }

    @Override
    public void gap(Position after, Position before, GapReason reason) {
        log.append(
                Event.gap(
                        log.nextSequence(),
                        id,
                        new Gap(after, before, reason),
                        before,
                        ephemeralRun));
        ephemeralRun = 0;
        fanOut.signal(subscribers);
    }

    /*
     * The log's tail stays what a new reader needs to know: where the topic stands. So an ephemeral event
     * carries the position of the event before it, and is dropped where the tail says more than that: that
     * the topic has ended.
     */
    @Override
    public void ephemeral(EphemeralMessage message) {
        String topic = message.topic();
        Event before = log.tailIfKnown();
        boolean ofServers = topic != null && TopicName.isReserved(topic);
        if (ofServers || before == null || before.end()) {
            return;
        }
        counters.event();
        log.append(
                Event.ephemeral(log.nextSequence(), id, message, before.position(), ephemeralRun));
        ephemeralRun++;
        fanOut.signal(subscribers);
    }

    /*
     * A topic that had ended has not any more: what said so was erased.
     */
    @Override
    public void deleted(Position upTo) {
        Event tail = log.tailIfKnown();
        if (tail == null) {
            return; // it arrived before the origin, which is read later
        }
        log.append(tail.withoutContent(log.nextSequence()));
        ephemeralRun = 0;
        log.forget(upTo);
        fanOut.signal(subscribers);
    }

    /** Reads a page of the broker's log for a subscriber. Blocks, also while many others do. */
    Page history(Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        Page page =
                replays.read(() -> broker.history(id.name(), start, until, maxEntries, maxBytes));
        counters.historyPage();
        return page;
    }

    boolean hasHistory() {
        return broker.capabilities().contains(Capability.HISTORY);
    }

    String name() {
        return id.name();
    }

    boolean isPattern() {
        return pattern;
    }

    TopicId id() {
        return id;
    }

    TopicFigures figures() {
        Event tail = log.tailIfKnown();
        Entry last = tail == null ? null : tail.entry();
        return new TopicFigures(
                id.name(), subscribers.count(), log.latest(), last == null ? null : last.time());
    }

    /** A subscriber is told of a gap. */
    void gapTold(GapReason reason) {
        counters.gap(reason);
    }

    /** A subscriber is too far behind to go on in the log. */
    void readerLapped() {
        counters.lapped();
    }

    /** Gives up one use of it. */
    void release() {
        onRelease.accept(this);
    }

    TopicLog log() {
        return log;
    }

    LagPolicy lagPolicy() {
        return lagPolicy;
    }

    Subscribers subscribers() {
        return subscribers;
    }
}
