package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Position;
import dev.longwave.broker.TopicPattern;
import dev.longwave.broker.feed.Feed;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What the stream republishes, for the topics that are listened to. */
final class LivePath {
    /*
     * A core subscription for each topic, on one of a few dispatchers, each a thread with a bounded
     * queue: a topic has always the same one, so that its messages stay in order. What does not fit
     * is dropped, of which the library tells; see FeedConnectionEvents.
     */
    private static final int MOST_DISPATCHERS = 4;
    private static final int QUEUED_MESSAGES = 64 << 10;
    private static final long QUEUED_BYTES = 32 << 20;

    private static final String SUBJECT = "Nats-Subject";
    private static final String SEQUENCE = "Nats-Sequence";
    private static final String PREVIOUS = "Nats-Last-Sequence";
    private static final String TIME = "Nats-Time-Stamp";

    private final Requests requests;
    private final Subjects subjects;
    private final Stream stream;
    private final Feed feed;
    private final List<Dispatcher> dispatchers = new ArrayList<>();
    private final Map<String, Subscription> subscriptions = new ConcurrentHashMap<>();
    private volatile boolean deaf; // for tests

    LivePath(
            Connection connection, Requests requests, Subjects subjects, Stream stream, Feed feed) {
        this.requests = requests;
        this.subjects = subjects;
        this.stream = stream;
        this.feed = feed;
        int count = Math.min(Runtime.getRuntime().availableProcessors(), MOST_DISPATCHERS);
        for (int i = 0; i < count; i++) {
            Dispatcher dispatcher = connection.createDispatcher();
            dispatcher.setPendingLimits(QUEUED_MESSAGES, QUEUED_BYTES);
            dispatchers.add(dispatcher);
        }
    }

    void listen(String topic) {
        try {
            Subscription subscription =
                    dispatcher(topic).subscribe(subjects.live(topic), handler(topic));
            subscriptions.put(topic, subscription);
        } catch (IllegalStateException e) {
            throw new BrokerUnavailableException("cannot listen topic=" + topic, e);
        }
        requests.roundTrip("listen topic=" + topic);
    }

    void unlisten(String topic) {
        Subscription subscription = subscriptions.remove(topic);
        if (subscription != null) {
            dispatcher(topic).unsubscribe(subscription);
        }
    }

    private Dispatcher dispatcher(String topic) {
        return dispatchers.get(Math.floorMod(topic.hashCode(), dispatchers.size()));
    }

    /** Loses what arrives, as republishing may, for tests. */
    void goDeaf(boolean now) {
        deaf = now;
    }

    private MessageHandler handler(String name) {
        if (!TopicPattern.isPattern(name)) {
            return message -> arrived(name, message);
        }
        var recent = new PatternReceiver(name, feed);
        return message -> arrived(name, message, recent);
    }

    private void arrived(String topic, Message message) {
        Headers headers = message.getHeaders();
        Optional<StoredMessage> stored = stored(topic, message);
        if (headers != null && stored.isPresent()) {
            long epoch = stream.epoch();
            long before = number(headers, PREVIOUS);
            // Zero if there was none, and if it has been removed.
            Position previous = before == 0 ? null : new Position(epoch, before);
            feed.live(topic, previous, stored.get().entry(epoch));
        }
    }

    private void arrived(String pattern, Message message, PatternReceiver recent) {
        Optional<StoredMessage> stored = stored(pattern, message);
        if (stored.isPresent()) {
            String topic = subjects.topic(stored.get().subject());
            recent.arrived(stored.get(), topic, stream.epoch());
        }
    }

    /** {@return the message that was stored, or nothing if it does not tell enough of it} */
    private Optional<StoredMessage> stored(String name, Message message) {
        if (deaf) {
            return Optional.empty();
        }
        Headers headers = message.getHeaders();
        long sequence = number(headers, SEQUENCE);
        String subject = headers == null ? null : headers.getLast(SUBJECT);
        if (headers == null || sequence == 0 || subject == null) {
            feed.suspect(name); // somebody else publishes here
            return Optional.empty();
        }
        String time = headers.getLast(TIME);
        if (time == null) { // servers before 2.10 do not say it
            feed.announce(name, new Position(stream.epoch(), sequence));
            return Optional.empty();
        }
        return Optional.of(
                new StoredMessage(
                        sequence,
                        subject,
                        Instant.parse(time),
                        Envelope.message(headers, message.getData())));
    }

    private static long number(@Nullable Headers headers, String name) {
        String text = headers == null ? null : headers.getLast(name);
        return text == null ? 0 : Long.parseLong(text);
    }
}
