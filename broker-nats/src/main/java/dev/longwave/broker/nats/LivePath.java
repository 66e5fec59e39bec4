package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Position;
import dev.longwave.broker.feed.Feed;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What the stream republishes, for the topics that are listened to. */
final class LivePath {
    /*
     * A core subscription for each topic, on one of a few dispatchers, each a thread with a bounded
     * queue: a topic has always the same one, so that its messages stay in order. What does not fit
     * is dropped, of which the library tells; see Relay.
     */
    private static final int MOST_DISPATCHERS = 4;
    private static final int QUEUED_MESSAGES = 64 << 10;
    private static final long QUEUED_BYTES = 32 << 20;

    private static final String SEQUENCE = "Nats-Sequence";
    private static final String PREVIOUS = "Nats-Last-Sequence";
    private static final String TIME = "Nats-Time-Stamp";

    private final Connection connection;
    private final Requests requests;
    private final Subjects subjects;
    private final Stream stream;
    private final Feed feed;
    private final List<Dispatcher> dispatchers = new ArrayList<>();
    private final Map<String, Subscription> subscriptions = new ConcurrentHashMap<>();
    private volatile boolean deaf; // for tests

    LivePath(
            Connection connection, Requests requests, Subjects subjects, Stream stream, Feed feed) {
        this.connection = connection;
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
                    dispatcher(topic)
                            .subscribe(subjects.live(topic), message -> arrived(topic, message));
            subscriptions.put(topic, subscription);
            connection.flush(requests.timeout());
        } catch (TimeoutException | IllegalStateException e) {
            throw new BrokerUnavailableException(
                    "cannot listen, no answer topic=%s timeout=%s"
                            .formatted(topic, requests.timeout()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while listening topic=" + topic, e);
        }
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

    private void arrived(String topic, Message message) {
        if (deaf) {
            return;
        }
        Headers headers = message.getHeaders();
        long sequence = number(headers, SEQUENCE);
        if (headers == null || sequence == 0) {
            feed.suspect(topic); // somebody else publishes here
            return;
        }
        var position = new Position(stream.epoch(), sequence);
        String time = headers.getLast(TIME);
        if (time == null) { // servers before 2.10 do not say it
            feed.announce(topic, position);
            return;
        }
        long before = number(headers, PREVIOUS);
        var stored =
                new Stored(
                        sequence,
                        message.getSubject(),
                        Instant.parse(time),
                        Envelope.message(headers, message.getData()));
        // Zero if there was none, and if it has been removed.
        Position previous = before == 0 ? null : new Position(position.epoch(), before);
        feed.live(topic, previous, stored.entry(position.epoch()));
    }

    private static long number(@Nullable Headers headers, String name) {
        String text = headers == null ? null : headers.getLast(name);
        return text == null ? 0 : Long.parseLong(text);
    }
}
