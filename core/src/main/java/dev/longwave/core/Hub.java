package dev.longwave.core;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Capability;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.broker.TopicPattern;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One node's topics: publishes to the broker, and gives each connection an {@link Outbox}.
 *
 * <p>Safe for many threads. It does not own the broker.
 */
public final class Hub implements AutoCloseable {
    /*
     * A topic's count of users changes only inside compute() of its key, and so does its removal: nobody can
     * get a topic that is on its way out. Opening and closing it at the broker, which may block, happens
     * outside.
     */
    private static final System.Logger LOGGER = System.getLogger(Hub.class.getName());

    private final Broker broker;
    private final HubOptions options;
    private final FanOut fanOut;
    private final Map<String, Topic> topics = new ConcurrentHashMap<>();
    private final HubCounters counters = new HubCounters();
    private final Replays replays;
    private final ScheduledExecutorService sweeper =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("longwave-topic-sweeper").factory());

    public Hub(Broker broker, HubOptions options) {
        this.broker = broker;
        this.options = options;
        this.replays = new Replays(options.maxReplays());
        this.fanOut = new FanOut(options.fanOutThreads());
        long period = Math.clamp(options.topicLinger().toMillis() / 2, 10, 10_000);
        var _ =
                sweeper.scheduleWithFixedDelay(
                        this::dropIdleTopics, period, period, TimeUnit.MILLISECONDS);
    }

    /**
     * Publishes {@code message}, and returns once the broker has accepted it.
     *
     * @param topic a {@linkplain TopicName#checked valid} topic
     * @throws dev.longwave.broker.MessageRefusedException if the broker will not have it
     * @throws dev.longwave.broker.BrokerUnavailableException if the outcome is unknown
     */
    public Published publish(String topic, Message message) {
        return broker.publish(topic, message);
    }

    /**
     * {@return what became of each message; see {@link Broker#publishAll}}
     *
     * @param publications to {@linkplain TopicName#checked valid} topics
     */
    public List<PublishResult> publishAll(List<Publication> publications) {
        return broker.publishAll(publications);
    }

    /**
     * Sends {@code message} to those who are subscribed now, on all nodes: see {@link
     * Broker#broadcast}.
     *
     * @param topic a {@linkplain TopicName#checked valid} topic
     * @throws UnsupportedOperationException without {@link #hasEphemeral()}
     * @throws dev.longwave.broker.MessageRefusedException if the broker will not have it
     * @throws dev.longwave.broker.BrokerUnavailableException if it cannot be sent
     */
    public void broadcast(String topic, Message message) {
        broker.broadcast(topic, message);
    }

    /** {@return whether the broker carries ephemeral events} */
    public boolean hasEphemeral() {
        return broker.capabilities().contains(Capability.EPHEMERAL);
    }

    /**
     * {@return whether all events of {@code topic} are to be {@linkplain #broadcast}, whatever
     * their publishers say} The caller sees to it.
     */
    public boolean isEphemeral(String topic) {
        return options.ephemeralTopics().test(topic);
    }

    /** {@return whether {@link TopicPattern}s may stand for topics where it is read} */
    public boolean hasPatterns() {
        return broker.capabilities().contains(Capability.PATTERNS);
    }

    /** {@return whether the broker keeps a log of each topic} */
    public boolean hasHistory() {
        return broker.capabilities().contains(Capability.HISTORY);
    }

    /**
     * Erases the broker's log of {@code topic}: see {@link Broker#delete}.
     *
     * @throws UnsupportedOperationException if the broker cannot
     */
    public void delete(String topic) {
        broker.delete(topic);
    }

    /**
     * {@return a page of the broker's log of {@code topic}, or of a pattern; see {@link
     * Broker#history}}
     *
     * @throws UnsupportedOperationException if the broker keeps no history, or for a pattern
     *     without {@link #hasPatterns()}
     */
    public Page history(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        checkSupported(topic);
        return broker.history(topic, start, until, maxEntries, maxBytes);
    }

    /**
     * Opens a stream of the topics and patterns in {@code starts}, which ends once all of them have
     * ended.
     *
     * @param starts where to begin in each; empty for live from now on
     * @param <B> what the stream's transport writes
     * @return the stream's outbox, for the calling thread, which must {@link #release} it
     * @throws UnsupportedOperationException for a pattern without {@link #hasPatterns()}
     * @throws dev.longwave.broker.BrokerException if the broker cannot be reached; nothing is
     *     subscribed
     */
    public <B extends Batch> Outbox<B> subscribe(Map<String, Optional<Start>> starts) {
        if (starts.isEmpty()) {
            throw new IllegalArgumentException("a stream needs a topic");
        }
        starts.keySet().forEach(this::checkSupported);
        var subscriptions = new ArrayList<Subscription>();
        try {
            new LinkedHashMap<>(starts)
                    .forEach((name, start) -> subscriptions.add(subscription(name, start)));
            return new Outbox<>(subscriptions, true);
        } catch (RuntimeException e) {
            subscriptions.forEach(subscription -> subscription.topic().release());
            throw e;
        }
    }

    /**
     * Opens a stream without topics, to {@link #add} some. It stays open when they end.
     *
     * @param <B> what the stream's transport writes
     * @return the stream's outbox, for the calling thread, which must {@link #release} it
     */
    public <B extends Batch> Outbox<B> open() {
        return new Outbox<>(List.of(), false);
    }

    /**
     * Adds a topic or pattern to an open stream, as if it had been there from the beginning. For
     * one thread at a time, which need not be the stream's own. The caller sees to it that no name
     * is added twice, and bounds how many there are.
     *
     * @param start where to begin; empty for live from now on
     * @return whether it was added; false if the stream was released meanwhile
     * @throws UnsupportedOperationException for a pattern without {@link #hasPatterns()}
     * @throws dev.longwave.broker.BrokerException if the broker cannot be reached; nothing is added
     */
    public boolean add(Outbox<?> outbox, String name, Optional<Start> start) {
        return begin(name, start).addTo(outbox);
    }

    /**
     * Begins to read a topic or pattern that is to be added to an open stream, so that its client
     * can be told first where it stands.
     *
     * @param start where to begin; empty for live from now on
     * @throws UnsupportedOperationException for a pattern without {@link #hasPatterns()}
     * @throws dev.longwave.broker.BrokerException if the broker cannot be reached
     */
    public Opening begin(String name, Optional<Start> start) {
        checkSupported(name);
        return new Opening(subscription(name, start));
    }

    /**
     * Removes a topic or pattern from an open stream. Events that are about to be written when this
     * is called may still be. For the thread that calls {@link #add}.
     */
    public void remove(Outbox<?> outbox, String name) {
        outbox.remove(name);
    }

    /** Gives {@code outbox} back: its topics forget it. Once, by its own thread. */
    public void release(Outbox<?> outbox) {
        outbox.leave();
    }

    /** A subscription of an acquired topic, not joined yet. */
    private Subscription subscription(String name, Optional<Start> start) {
        Topic topic = acquire(name);
        try {
            topic.awaitOpen();
            return start.map(s -> Subscription.from(topic, s, options))
                    .orElseGet(() -> Subscription.live(topic, options));
        } catch (RuntimeException e) {
            topic.release();
            throw e;
        }
    }

    /** {@return how many events have arrived from the broker for this node's topics} */
    public long events() {
        return counters.events();
    }

    /** {@return how many gaps were told, counted once for each subscriber} */
    public long gaps() {
        return counters.gaps();
    }

    /** {@return the same, by reason} */
    public Map<GapReason, Long> gapsByReason() {
        return counters.gapsByReason();
    }

    /** {@return how often a subscriber fell so far behind that its topic's log had moved on} */
    public long lappedReaders() {
        return counters.lappedReaders();
    }

    /** {@return how many pages of history were read for subscribers} */
    public long historyPages() {
        return counters.historyPages();
    }

    /** {@return how many pages of history are being read for subscribers} */
    public int runningReplays() {
        return replays.running();
    }

    /** {@return how many subscribers wait until their page can be read, about} */
    public int waitingReplays() {
        return replays.waiting();
    }

    /** {@return how many topics this node has an interest in, or had a moment ago} */
    public int topicCount() {
        return topics.size();
    }

    /** {@return how many subscriptions there are on this node} */
    public long subscriptionCount() {
        return topics.values().stream().mapToLong(topic -> topic.subscribers().count()).sum();
    }

    /** {@return the topics with the most subscribers on this node, at most {@code max}} */
    public List<TopicFigures> busiest(int max) {
        return topics.values().stream()
                .map(Topic::figures)
                .sorted(
                        Comparator.comparingInt(TopicFigures::subscribers)
                                .reversed()
                                .thenComparing(TopicFigures::name))
                .limit(max)
                .toList();
    }

    private void checkSupported(String name) {
        if (TopicPattern.isPattern(name) && !hasPatterns()) {
            throw new UnsupportedOperationException("the broker has no patterns");
        }
    }

    private Topic acquire(String name) {
        var made = new Topic[1];
        Topic topic =
                topics.compute(
                        name,
                        (_, present) -> {
                            Topic used = present;
                            if (used == null) {
                                used =
                                        new Topic(
                                                name,
                                                broker,
                                                fanOut,
                                                options,
                                                counters,
                                                replays,
                                                this::release);
                                made[0] = used;
                            }
                            used.users++;
                            return used;
                        });
        if (made[0] != null) {
            try {
                made[0].open();
            } catch (RuntimeException | Error e) {
                // Others that wait for it fail too, and release what is no longer in the map.
                topics.remove(name, made[0]);
                throw e;
            }
        }
        return topic;
    }

    private void release(Topic topic) {
        topics.computeIfPresent(
                topic.name(),
                (_, present) -> {
                    if (present == topic && --topic.users == 0) {
                        topic.idleSinceNanos = System.nanoTime();
                    }
                    return present;
                });
    }

    private void dropIdleTopics() {
        try {
            long now = System.nanoTime();
            var dropped = new ArrayList<Topic>();
            for (String name : List.copyOf(topics.keySet())) {
                topics.computeIfPresent(
                        name,
                        (_, topic) -> {
                            boolean idle =
                                    topic.users == 0
                                            && now - topic.idleSinceNanos
                                                    >= options.topicLinger().toNanos();
                            if (idle) {
                                dropped.add(topic);
                            }
                            return idle ? null : topic;
                        });
            }
            dropped.forEach(Hub::close);
        } catch (RuntimeException e) {
            // The sweeper would not run again otherwise.
            LOGGER.log(System.Logger.Level.WARNING, "dropping idle topics failed", e);
        }
    }

    /** Closes one topic, so that a failure leaves no other one subscribed. */
    private static void close(Topic topic) {
        try {
            topic.close();
        } catch (RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.WARNING, "giving up a topic failed", e);
        }
    }

    /**
     * Stops its threads, and gives up all interest at the broker. Outboxes must be released before.
     */
    @Override
    public void close() {
        sweeper.shutdownNow();
        fanOut.close();
        topics.values().forEach(Hub::close);
        topics.clear();
    }
}
