package dev.longwave.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longwave.testing.EventSourceClient;
import dev.longwave.testing.Protocol;
import dev.longwave.testing.PublishClient;
import dev.longwave.testing.ReceivedEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * An event source that reads some topics from their beginning, each time from another node, and
 * writes down what it gets.
 */
final class Reader implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> LOSSES = Set.of("log-lost", "epoch-changed");
    private static final Duration RECONNECT_AFTER = Duration.ofMillis(100);

    private final List<String> topics;
    private final EventSourceClient source;

    // Both guarded by this.
    private final Receipts receipts = new Receipts();
    private final List<Gap> gaps = new ArrayList<>();

    /**
     * A gap that it was told of.
     *
     * @param after how many events of the topic it had got before
     * @param data the event's data
     */
    private record Gap(String topic, String reason, int after, String data) {}

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
            gaps.add(gap(event.data()));
        } else {
            Receipt receipt = Receipt.of(event);
            receipts.of(receipt.topic()).add(receipt);
        }
    }

    private Gap gap(String data) {
        try {
            JsonNode gap = JSON.readTree(data);
            String topic = gap.required("topic").textValue();
            return new Gap(
                    topic, gap.required("reason").textValue(), receipts.of(topic).size(), data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return how often a stream of its began} */
    int opens() {
        return source.opens();
    }

    /** {@return whether the latest event that it got of each of its topics is the log's} */
    synchronized boolean isThrough(Receipts log) {
        return topics.stream().allMatch(topic -> isThrough(receipts.of(topic), log.of(topic)));
    }

    private boolean isThrough(List<Receipt> got, List<Receipt> log) {
        return log.isEmpty() || (!got.isEmpty() && same(got.getLast(), log.getLast()));
    }

    /** {@return how many gaps it was told of} */
    synchronized int gaps() {
        return gaps.size();
    }

    /** Fails unless it got what is in the log, in order and once, and was told of no gap. */
    synchronized void verify(Receipts log) {
        if (!gaps.isEmpty()) {
            throw new AssertionError("told of gaps " + gaps + ": " + source);
        }
        for (String topic : topics) {
            verify(topic, log.of(topic), Set.of(), _ -> false);
        }
    }

    /**
     * Fails unless it got what is in the log, in order and once, and was told where the log has
     * lost events.
     *
     * @param lost topics that have lost acknowledged events
     */
    synchronized void verifyTold(Receipts log, Set<String> lost) {
        for (Gap gap : gaps) {
            if (!LOSSES.contains(gap.reason)) {
                throw new AssertionError("a gap of another reason " + gap + ": " + source);
            }
        }
        for (String topic : topics) {
            Set<Integer> told =
                    gaps.stream()
                            .filter(gap -> gap.topic.equals(topic))
                            .map(Gap::after)
                            .collect(Collectors.toSet());
            if (lost.contains(topic) && told.isEmpty()) {
                throw new AssertionError("not told of a loss topic=" + topic + ": " + source);
            }
            Set<Receipt> kept = Set.copyOf(log.of(topic));
            verify(
                    topic,
                    log.of(topic),
                    told,
                    receipt -> topics.size() > 1 || !kept.contains(receipt));
        }
    }

    private void verify(
            String topic, List<Receipt> log, Set<Integer> gaps, Predicate<Receipt> mayBeLost) {
        List<Receipt> got = receipts.of(topic);
        if (topics.size() == 1 && Set.copyOf(got).size() != got.size()) {
            throw new AssertionError("repeated events topic=" + topic + ": " + source);
        }
        int at = new Continuity(log, this::same, mayBeLost).breach(got, gaps);
        if (at >= 0) {
            throw new AssertionError(
                    "topic=%s event=%d, log has %d, got %d, gaps %s: log has %s, got %s: %s"
                            .formatted(
                                    topic,
                                    at,
                                    log.size(),
                                    got.size(),
                                    this.gaps,
                                    around(log, at),
                                    around(got, at),
                                    source));
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
