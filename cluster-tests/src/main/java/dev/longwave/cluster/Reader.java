package dev.longwave.cluster;

import dev.longwave.testing.EventSourceClient;
import dev.longwave.testing.Protocol;
import dev.longwave.testing.PublishClient;
import dev.longwave.testing.ReceivedEvent;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An event source that reads some topics from their beginning, each time from another node, and
 * writes down what it gets.
 */
final class Reader implements AutoCloseable {

    private static final Duration RECONNECT_AFTER = Duration.ofMillis(100);

    private final List<String> topics;
    private final EventSourceClient source;

    // Both guarded by this.
    private final Receipts receipts = new Receipts();
    private final List<String> gaps = new ArrayList<>();

    private Reader(Cluster cluster, Protocol protocol, List<String> topics) {
        this.topics = topics;
        String query =
                topics.stream()
                        .map(topic -> "&topic=" + PublishClient.encoded(topic))
                        .collect(Collectors.joining());
        this.source =
                EventSourceClient.to(URI.create("http://127.0.0.1/events?since=earliest" + query))
                        .over(cluster.hopping(protocol))
                        .reconnectAfter(RECONNECT_AFTER)
                        .onEvent(this::received)
                        .open();
    }

    static Reader open(Cluster cluster, Protocol protocol, List<String> topics) {
        return new Reader(cluster, protocol, topics);
    }

    private synchronized void received(ReceivedEvent event) {
        if (event.type().equals("gap")) {
            gaps.add(event.data());
        } else {
            Receipt receipt = Receipt.of(event);
            receipts.of(receipt.topic()).add(receipt);
        }
    }

    /** {@return how often a stream of its began} */
    int opens() {
        return source.opens();
    }

    /** {@return whether it has got as many events of each of its topics as there are} */
    synchronized boolean isThrough(Receipts log) {
        return topics.stream().allMatch(topic -> receipts.of(topic).size() >= log.of(topic).size());
    }

    /** Fails unless it got what is in the log, in order and once, and was told of no gap. */
    synchronized void verify(Receipts log) {
        if (!gaps.isEmpty()) {
            throw new AssertionError("told of gaps " + gaps + ": " + source);
        }
        for (String topic : topics) {
            verify(topic, receipts.of(topic), log.of(topic));
        }
    }

    private void verify(String topic, List<Receipt> got, List<Receipt> log) {
        for (int i = 0; i < Math.max(got.size(), log.size()); i++) {
            if (i >= got.size() || i >= log.size() || !same(got.get(i), log.get(i))) {
                throw new AssertionError(
                        "topic=%s event=%d of %d, got %d: log has %s, got %s: %s"
                                .formatted(
                                        topic,
                                        i,
                                        log.size(),
                                        got.size(),
                                        around(log, i),
                                        around(got, i),
                                        source));
            }
        }
    }

    /** An id on a stream of several topics holds the positions of all of them. */
    private boolean same(Receipt got, Receipt logged) {
        return got.message().equals(logged.message())
                && (topics.size() > 1 || got.id().equals(logged.id()));
    }

    private static List<Receipt> around(List<Receipt> all, int i) {
        return all.subList(Math.min(all.size(), Math.max(0, i - 2)), Math.min(all.size(), i + 3));
    }

    @Override
    public String toString() {
        return source.toString();
    }

    @Override
    public void close() {
        source.close();
    }
}
