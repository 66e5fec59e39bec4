package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Position;
import dev.longwave.broker.TopicPattern;
import dev.longwave.broker.feed.Feed;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import io.nats.client.Statistics;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Receives what the stream republishes, for the topics that this node subscribes to. */
final class LivePath {
    /*
     * Each topic has a core subscription on one of a few dispatchers; each dispatcher is a thread with
     * a bounded queue. A topic always has the same dispatcher, so that its messages stay in order.
     * What exceeds the queue is dropped, and the library reports it: see ConnectionEvents.
     *
     * The previous sequence is 0 if the topic has no earlier message, and also if that message has
     * been removed from the stream. While no message is removed before the feed has read it, the two
     * are the same. In a stream that may remove messages early they are not: such a message is only
     * announced, and the feed reads the log, which tells whether anything is missing. A mark of a
     * deletion is announced as well.
     *
     * A stream that was put back from a copy gives sequences again: a previous sequence, which has no
     * time, may then be that of another message. The feed trusts it as long as nothing was suspicious. A
     * server that was down is suspicious, and the library reports a new connection by a thread of its own.
     * So the number of connections, which the library counts before it subscribes again, is compared
     * before each message.
     */
    private static final int MAX_DISPATCHERS = 4;
    private static final int PENDING_MESSAGES = 64 << 10;
    private static final long PENDING_BYTES = 32 << 20;

    private static final String SUBJECT = "Nats-Subject";
    private static final String SEQUENCE = "Nats-Sequence";
    private static final String PREVIOUS = "Nats-Last-Sequence";
    private static final String TIME = "Nats-Time-Stamp";

    private final Statistics statistics;
    private final Requests requests;
    private final Subjects subjects;
    private final Stream stream;
    private final Entries entries;
    private final Feed feed;
    private final List<Dispatcher> dispatchers = new ArrayList<>();
    private final Map<String, Subscription> subscriptions = new ConcurrentHashMap<>();
    private volatile long connections; // of which the feed was told

    LivePath(
            Connection connection,
            Requests requests,
            Subjects subjects,
            Stream stream,
            Entries entries,
            Feed feed) {
        this.statistics = connection.getStatistics();
        this.requests = requests;
        this.subjects = subjects;
        this.stream = stream;
        this.entries = entries;
        this.feed = feed;
        int count = Math.min(Runtime.getRuntime().availableProcessors(), MAX_DISPATCHERS);
        for (int i = 0; i < count; i++) {
            Dispatcher dispatcher = connection.createDispatcher();
            dispatcher.setPendingLimits(PENDING_MESSAGES, PENDING_BYTES);
            dispatchers.add(dispatcher);
        }
    }

    void subscribe(String topic) {
        try {
            Subscription subscription =
                    dispatcher(topic).subscribe(subjects.live(topic), handler(topic));
            subscriptions.put(topic, subscription);
        } catch (IllegalStateException e) {
            throw new BrokerUnavailableException("cannot subscribe topic=" + topic, e);
        }
        requests.roundTrip("subscribe topic=" + topic);
    }

    void unsubscribe(String topic) {
        Subscription subscription = subscriptions.remove(topic);
        if (subscription != null) {
            dispatcher(topic).unsubscribe(subscription);
        }
    }

    private Dispatcher dispatcher(String topic) {
        return dispatchers.get(Math.floorMod(topic.hashCode(), dispatchers.size()));
    }

    private MessageHandler handler(String topicOrPattern) {
        if (!TopicPattern.isPattern(topicOrPattern)) {
            return message -> receive(topicOrPattern, message);
        }
        var receiver = new PatternReceiver(topicOrPattern, feed, entries);
        return message -> receive(topicOrPattern, message, receiver);
    }

    /** Tells the feed of a new connection before its first message. */
    private void countConnections() {
        long now = statistics.getReconnects();
        if (now != connections) { // perhaps in two threads at once, which does no harm
            feed.suspectAll();
            connections = now;
        }
    }

    private void receive(String topic, Message message) {
        countConnections();
        Optional<Republished> republished = republished(topic, message);
        if (republished.isEmpty()) {
            return;
        }
        long epoch = stream.epoch();
        StoredMessage stored = republished.get().stored;
        long previous = republished.get().previous;
        if (stored.marksDeletion() || (previous == 0 && stream.removesEarly())) {
            feed.announce(topic, stored.position(epoch));
        } else {
            Position before = previous > 0 ? new Position(epoch, previous) : null;
            feed.live(topic, before, entries.ofTopic(stored, epoch));
        }
    }

    private void receive(String pattern, Message message, PatternReceiver receiver) {
        countConnections();
        republished(pattern, message)
                .ifPresent(republished -> receiver.receive(republished.stored, stream.epoch()));
    }

    /**
     * A message from the stream.
     *
     * @param previous the sequence of the message before it in its topic; 0 if it is not there
     */
    private record Republished(StoredMessage stored, long previous) {}

    /** {@return the message, or nothing if the feed has to read it from the stream instead} */
    private Optional<Republished> republished(String topicOrPattern, Message message) {
        Headers headers = message.getHeaders();
        try {
            if (headers == null || headers.getLast(SEQUENCE) == null) {
                feed.suspect(topicOrPattern); // another application publishes on this subject
                return Optional.empty();
            }
            long sequence = Long.parseLong(headers.getLast(SEQUENCE));
            String time = headers.getLast(TIME);
            if (time == null) { // a server before 2.10
                feed.announce(topicOrPattern, new Position(stream.epoch(), sequence));
                return Optional.empty();
            }
            String subject = headers.getLast(SUBJECT);
            String previous = headers.getLast(PREVIOUS);
            if (subject == null || !subjects.isOfLog(subject) || previous == null) {
                feed.suspect(topicOrPattern);
                return Optional.empty();
            }
            return Optional.of(
                    new Republished(
                            StoredMessage.of(
                                    sequence,
                                    subject,
                                    Instant.parse(time),
                                    headers,
                                    message.getData()),
                            Long.parseLong(previous)));
        } catch (NumberFormatException | DateTimeException _) {
            feed.suspect(topicOrPattern);
            return Optional.empty();
        }
    }
}
