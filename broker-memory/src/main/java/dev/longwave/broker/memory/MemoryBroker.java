package dev.longwave.broker.memory;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerStatus;
import dev.longwave.broker.Capability;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.broker.TopicPattern;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A broker in the memory of one process. Publishers dispatch their own events: see {@link
 * Dispatcher}.
 */
final class MemoryBroker implements Broker {
    /*
     * A topic is in `topics` from its first publish or subscription until it is forgotten. A thread
     * that gets a topic that was forgotten a moment ago removes it from the map and looks again.
     *
     * Closing sets `closed` before it goes through the topics and feeds, and subscribing reads it
     * after adding the sink. So closing finds the sink, or subscribing finds the flag.
     *
     * All topics share one sequence of positions, so that the events of a pattern have an order: see
     * PublishOrder.
     */
    private static final int EPOCH_BITS = 40; // enough to differ, and short in every event id
    private static final Duration LONGEST_SWEEP_INTERVAL = Duration.ofSeconds(10);
    private static final Duration SHORTEST_SWEEP_INTERVAL = Duration.ofMillis(100);

    static final Set<Capability> CAPABILITIES =
            Set.of(
                    Capability.HISTORY,
                    Capability.DEDUPLICATION,
                    Capability.PRESENCE,
                    Capability.CLAIMS,
                    Capability.PATTERNS,
                    Capability.EPHEMERAL,
                    Capability.DELETE);

    private final MemorySettings settings;
    private final Budget budget;
    private final ForgottenTopics forgottenTopics = new ForgottenTopics();
    private final PublishOrder order;
    private final Topic.Shared shared;
    private final ConcurrentHashMap<String, Topic> topics = new ConcurrentHashMap<>();
    private final MemoryPresence presence;
    private final Claims claims;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread sweeper;
    private volatile boolean closed;

    private MemoryBroker(MemorySettings settings, BrokerContext context) {
        this.settings = settings;
        budget = new Budget(settings.maxBytes());
        order = new PublishOrder(new SecureRandom().nextLong() >>> (Long.SIZE - EPOCH_BITS));
        shared = new Topic.Shared(settings, context.clock(), order, budget, forgottenTopics);
        presence = new MemoryPresence(context.clock());
        claims = new Claims(context.clock());
        sweeper =
                Thread.ofPlatform()
                        .daemon()
                        .name("longwave-memory-sweeper")
                        .unstarted(this::sweepUntilClosed);
    }

    /** {@return a broker, ready} */
    static MemoryBroker start(MemorySettings settings, BrokerContext context) {
        var broker = new MemoryBroker(settings, context);
        broker.sweeper.start();
        context.onStatus().accept(BrokerStatus.connected());
        return broker;
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public int maxMessageBytes() {
        return settings.maxMessageBytes();
    }

    @Override
    public Published publish(String topic, Message message) {
        checkOpen();
        checkLength(message);
        while (true) {
            Topic known = topic(topic);
            Published published = known.publish(message);
            if (published != null) {
                makeRoom();
                return published;
            }
            remove(known);
        }
    }

    @Override
    public void broadcast(String topic, Message message) {
        checkOpen();
        checkLength(message);
        checkPublishable(topic);
        var passing = EphemeralMessage.of(message);
        Topic known = topics.get(topic); // one that nobody has used has no subscribers
        if (known != null) {
            known.broadcast(passing);
        }
        PatternFeed[] feeds = order.feeds();
        if (feeds.length > 0) {
            EphemeralMessage named = passing.in(topic);
            for (PatternFeed feed : feeds) {
                if (feed.matches(topic)) {
                    feed.broadcast(named);
                }
            }
        }
    }

    @Override
    public Subscription subscribe(String topic, Sink sink) {
        checkOpen();
        if (TopicPattern.isPattern(topic)) {
            return subscribe(TopicPattern.parse(topic), sink);
        }
        while (true) {
            Topic known = topic(topic);
            Subscription subscription = known.subscribe(sink);
            if (subscription == null) {
                remove(known);
            } else if (closed) {
                subscription.close();
                checkOpen();
            } else {
                return subscription;
            }
        }
    }

    private Subscription subscribe(TopicPattern pattern, Sink sink) {
        var feed = new PatternFeed(pattern, order);
        order.add(feed);
        for (Topic topic : topics.values()) {
            if (pattern.matches(topic.name())) {
                topic.noticeFeeds();
            }
        }
        order.open(feed, sink);
        if (closed) {
            feed.close();
            checkOpen();
        }
        return feed;
    }

    @Override
    public Page history(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        checkOpen();
        if (maxEntries < 1 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "a page needs room maxEntries=%d maxBytes=%d min=1"
                            .formatted(maxEntries, maxBytes));
        }
        if (TopicPattern.isPattern(topic)) {
            return new PatternHistory(
                            TopicPattern.parse(topic), order, topics.values(), forgottenTopics)
                    .read(start, until, maxEntries, maxBytes);
        }
        Topic known = topics.get(topic);
        if (known == null) {
            known = Topic.forgotten(topic, shared);
        }
        return known.history(start, until, maxEntries, maxBytes);
    }

    @Override
    public Position delete(String topic) {
        checkOpen();
        checkPublishable(topic);
        Topic known = topics.get(topic);
        return known == null ? order.position(forgottenTopics.tail(topic)) : known.erase();
    }

    @Override
    public Optional<Presence> presence() {
        return Optional.of(presence);
    }

    @Override
    public boolean claim(String key, Duration ttl) {
        checkOpen();
        return claims.claim(key, ttl);
    }

    @Override
    public void close() {
        closed = true;
        closing.countDown();
        topics.values().forEach(Topic::close);
        for (PatternFeed feed : order.feeds()) {
            feed.close();
        }
        boolean interrupted = Thread.interrupted();
        try {
            sweeper.join(Duration.ofSeconds(10));
        } catch (InterruptedException _) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Drops whatever has expired. */
    void sweep() {
        for (Topic topic : topics.values()) {
            topic.sweep();
            if (topic.isForgotten()) {
                remove(topic);
            }
        }
        makeRoom();
        presence.sweep();
        claims.sweep();
    }

    /** {@return how many topics are known} */
    int topicCount() {
        return topics.size();
    }

    /** {@return what all topics cost, near enough} */
    long usedBytes() {
        return budget.used();
    }

    private Topic topic(String name) {
        Topic known = topics.get(name); // computeIfAbsent locks more often
        return known != null ? known : topics.computeIfAbsent(name, this::created);
    }

    private Topic created(String name) {
        checkPublishable(name);
        return new Topic(name, shared);
    }

    private static void checkPublishable(String name) {
        if (TopicPattern.isPattern(name)) {
            throw new MessageRefusedException("a pattern cannot be published to topic=" + name);
        }
    }

    private void checkLength(Message message) {
        if (message.data().length > settings.maxMessageBytes()) {
            throw new MessageRefusedException(
                    "message is too large length=%d max=%d"
                            .formatted(message.data().length, settings.maxMessageBytes()));
        }
    }

    private void remove(Topic forgotten) {
        topics.remove(forgotten.name(), forgotten);
        budget.remove(forgotten);
    }

    /**
     * Frees what exceeds the budget, from the topics used least recently: their readers have had
     * the most time, and a burst in one topic cannot take more than that topic's own retention.
     */
    private void makeRoom() {
        long excess = budget.excess();
        var left = new ArrayDeque<Topic>();
        while (excess > 0) {
            Topic topic = budget.takeLeastRecent();
            if (topic == null) {
                break; // all that is left is not handed out yet
            }
            topic.evict(excess + budget.slack());
            if (topic.isForgotten()) {
                remove(topic);
            } else if (!topic.isEmpty()) {
                left.push(topic);
            }
            excess = budget.excess();
        }
        left.forEach(budget::putBack);
    }

    private void sweepUntilClosed() {
        long millis = sweepInterval().toMillis();
        try {
            while (!closing.await(millis, TimeUnit.MILLISECONDS)) {
                sweep();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // nobody does; and then the thread ends
        }
    }

    private Duration sweepInterval() {
        Duration half = settings.retentionAge().dividedBy(2);
        if (half.compareTo(SHORTEST_SWEEP_INTERVAL) < 0) {
            return SHORTEST_SWEEP_INTERVAL;
        }
        return half.compareTo(LONGEST_SWEEP_INTERVAL) > 0 ? LONGEST_SWEEP_INTERVAL : half;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the broker is closed");
        }
    }
}
