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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Sends and receives ephemeral messages: core NATS, on subjects of their own. */
final class EphemeralPath {
    /*
     * No stream stores these subjects. They have a dispatcher of their own, so that a flood of ephemeral
     * messages cannot fill the queue of messages from the log. What exceeds its own queue is dropped, and
     * nobody needs to look for it: see owns().
     *
     * They share the connection with everything else, though, and sending one waits for nothing. A flood
     * would fill the buffers in both directions, and publishing would wait behind them. So at most IN_FLIGHT
     * messages of this node are on the way: the thread that sends the last one of a BURST waits for a round
     * trip, after which the servers have that burst, and this node has what was sent to it before.
     */
    private static final int IN_FLIGHT = 256;

    private static final int BURST = 64;

    private static final int PENDING_MESSAGES = 4096; // no other dispatcher has this limit
    private static final long PENDING_BYTES = 8 << 20;

    private final Connection connection;
    private final Requests requests;
    private final Subjects subjects;
    private final Feed feed;
    private final int maxMessageBytes;
    private final Dispatcher dispatcher;
    private final Map<String, Subscription> subscriptions = new ConcurrentHashMap<>();
    private final Semaphore room = new Semaphore(IN_FLIGHT);
    private final AtomicLong sent = new AtomicLong();

    EphemeralPath(
            Connection connection,
            Requests requests,
            Subjects subjects,
            Feed feed,
            int maxMessageBytes) {
        this.connection = connection;
        this.requests = requests;
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
        Message outgoing = EphemeralMessage.of(message).message();
        awaitRoom();
        boolean isSent = false;
        try {
            connection.publish(
                    subjects.ephemeral(topic), Envelope.headers(outgoing, topic), outgoing.data());
            isSent = true;
        } catch (IllegalStateException e) { // not connected, or the send queue is full
            throw BrokerUnavailableException.notSent(
                    "cannot broadcast: not connected: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) { // longer than this server's max_payload
            throw new MessageRefusedException(
                    "the server does not accept the message: " + e.getMessage(), e);
        } finally {
            if (!isSent) {
                room.release();
            }
        }
        if (sent.incrementAndGet() % BURST == 0) {
            try {
                requests.roundTrip("broadcast");
            } finally {
                room.release(BURST);
            }
        }
    }

    private void awaitRoom() {
        try {
            if (!room.tryAcquire(requests.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
                throw requests.unavailable("broadcast", "no answer in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while broadcasting", e);
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
        if (message.end() || message.data().length > maxMessageBytes) {
            return; // another application publishes on this subject
        }
        EphemeralMessage ephemeral = EphemeralMessage.of(message);
        if (pattern) {
            subjects.ephemeralTopic(received.getSubject())
                    .ifPresent(topic -> feed.broadcast(topicOrPattern, ephemeral.in(topic)));
        } else {
            feed.broadcast(topicOrPattern, ephemeral);
        }
    }
}
