package dev.longwave.cluster;

import dev.longwave.testing.PublishClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.locks.LockSupport;

/** Publishes to all topics in turn, each time at another node, until it is told to stop. */
final class Publisher {

    private static final Duration PAUSE = Duration.ofMillis(25);
    private static final int LONG_EVENT_EVERY = 50;
    private static final String LONG_FILLING = "x".repeat(8_000);

    private final String name;
    private final List<String> topics;
    private final PublishClient client;
    private final Map<String, String> acknowledged = new ConcurrentHashMap<>();
    private final LongAccumulator longestWait = new LongAccumulator(Math::max, 0);
    private volatile long latestBegan = System.nanoTime();
    private volatile boolean stopped;

    Publisher(String name, List<String> topics, PublishClient client) {
        this.name = name;
        this.topics = topics;
        this.client = client;
    }

    /** Starts publishing; the future ends after {@link #stop()}, or with what went wrong. */
    Future<?> start(ExecutorService threads) {
        return threads.submit(this::run);
    }

    private void run() {
        for (int number = 0; !stopped; number++) {
            String topic = topics.get(number % topics.size());
            String message = name + '-' + number;
            String filling = number % LONG_EVENT_EVERY == 0 ? LONG_FILLING : "";
            long began = System.nanoTime();
            client.send(topic, Receipt.data(topic, message, filling), null, null, message, false);
            acknowledged.put(message, topic);
            longestWait.accumulate(System.nanoTime() - began);
            latestBegan = began;
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    void stop() {
        stopped = true;
    }

    /** {@return the topics of the messages that were answered with 200} */
    Map<String, String> acknowledged() {
        return acknowledged;
    }

    /** {@return whether something was acknowledged that was first sent after {@code nanoTime}} */
    boolean answeredSince(long nanoTime) {
        return latestBegan - nanoTime > 0;
    }

    /** {@return the longest wait for an answer, of those that came since this was last called} */
    Duration takeLongestWait() {
        return Duration.ofNanos(longestWait.getThenReset());
    }
}
