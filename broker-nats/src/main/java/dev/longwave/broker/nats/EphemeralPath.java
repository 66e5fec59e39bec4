package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.TopicPattern;
import dev.longwave.broker.feed.Feed;
import io.nats.client.Connection;
import io.nats.client.Consumer;
import io.nats.client.Dispatcher;
import io.nats.client.Subscription;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Sends and receives ephemeral messages: core NATS, on subjects of their own. */
final class EphemeralPath {
    /*
     * No stream stores these subjects. They have a dispatcher of their own, so that a flood of ephemeral
     * messages cannot fill the queue of messages from the log. What exceeds its own queue is dropped, and
     * nobody needs to look for it: see owns().
     */
    private static final int PENDING_MESSAGES = 4096; // no other dispatcher has this limit
    private static final long PENDING_BYTES = 8 << 20;

    private final Connection connection;
    private final Subjects subjects;
    private final Feed feed;
    private final int maxMessageBytes;
    private final Dispatcher dispatcher;
    private final Map<String, Subscription> subscriptions = new ConcurrentHashMap<>();

    EphemeralPath(Connection connection, Subjects subjects, Feed feed, int maxMessageBytes) {
        this.connection = connection;
        this.subjects = subjects;
        this.feed = feed;
        this.maxMessageBytes = maxMessageBytes;
        dispatcher = connection.createDispatcher();
        dispatcher.setPendingLimits(PENDING_MESSAGES, PENDING_BYTES);
    }

    /** {@return whether what {@code consumer} drops is ephemeral} */
    static boolean owns(Consumer consumer) {
        return consumer.getPendingMessageLimit() == PENDING_MESSAGES;
    }

    /** Sends a message, as {@link dev.longwave.broker.Broker#broadcast} does. */
    void broadcast(String topic, Message message) {
        int length = message.data().length;
        if (length > maxMessageBytes) {
            throw new MessageRefusedException(
                    "message is too large length=%d max=%d".formatted(length, maxMessageBytes));
        }
        Message sent = EphemeralMessage.of(message).message();
        try {
            connection.publish(
                    subjects.ephemeral(topic), Envelope.headers(sent, topic), sent.data());
        } catch (IllegalStateException e) { // not connected, or the send queue is full
            throw new BrokerUnavailableException(
                    "cannot broadcast: not connected: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) { // longer than this server's max_payload
            throw new MessageRefusedException(
                    "the server does not accept the message: " + e.getMessage(), e);
        }
    }

    /** Subscribes. The caller waits for the servers. */
    void subscribe(String topicOrPattern) {
        boolean pattern = TopicPattern.isPattern(topicOrPattern);
        try {
            Subscription subscription =
                    dispatcher.subscribe(
                            subjects.ephemeral(topicOrPattern),
                            message -> receive(topicOrPattern, pattern, message));
            subscriptions.put(topicOrPattern, subscription);
        } catch (IllegalStateException e) {
            throw new BrokerUnavailableException("cannot subscribe topic=" + topicOrPattern, e);
        }
    }

    void unsubscribe(String topicOrPattern) {
        Subscription subscription = subscriptions.remove(topicOrPattern);
        if (subscription != null) {
            dispatcher.unsubscribe(subscription);
        }
    }

    private void receive(String topicOrPattern, boolean pattern, io.nats.client.Message received) {
        Message message = Envelope.message(received.getHeaders(), received.getData());
        if (message.end()) {
            return; // another application publishes on this subject
        }
        EphemeralMessage ephemeral = EphemeralMessage.of(message);
        feed.broadcast(
                topicOrPattern,
                pattern ? ephemeral.in(subjects.ephemeralTopic(received.getSubject())) : ephemeral);
    }
}
