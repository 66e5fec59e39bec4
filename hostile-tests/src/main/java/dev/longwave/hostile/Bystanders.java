package dev.longwave.hostile;

import static org.awaitility.Awaitility.await;

import dev.longwave.testing.Protocol;
import dev.longwave.testing.PublishClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Healthy clients next to the attackers: one publishes numbered events all the time, two subscribe,
 * over HTTP/1.1 and over HTTP/2.
 *
 * <p>The rule for their p99 latency. An event may take 1 s from its first sending to its arrival
 * while an attack is on. As a busy machine makes everything slow, more is allowed if it was slow
 * without the attack, too: ten times the p99 that the same clients had just before, and ten times
 * the p99 of an {@link Echo} that ran at the same time. On a machine where an event takes less than
 * 100 ms, the limit is 1 s.
 */
final class Bystanders implements AutoCloseable {

    /** Only a machine that does nothing else can tell: -Dlongwave.hostile.latency=true. */
    private static final boolean LATENCY_COUNTS = Boolean.getBoolean("longwave.hostile.latency");

    private static final String TOPIC = "bystanders";
    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final int SLOWER_AT_MOST = 10;

    private final Target target;
    private final PublishClient client;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicLong published = new AtomicLong();
    private final Echo echo;
    private final List<Subscriber> subscribers;
    private final Future<?> publishing;
    private volatile boolean stopped;

    Bystanders(Target target) throws IOException {
        this.target = target;
        client = new PublishClient(target::port);
        echo = new Echo(INTERVAL);
        subscribers =
                List.of(
                        new Subscriber(target.uri("/events/" + TOPIC), Protocol.HTTP_1, INTERVAL),
                        new Subscriber(target.uri("/events/" + TOPIC), Protocol.HTTP_2, INTERVAL));
        subscribers.forEach(Subscriber::awaitOpen);
        publishing = threads.submit(this::publish);
    }

    private void publish() {
        while (!stopped) {
            echo.beat();
            var event = new NumberedEvent(published.get() + 1, System.nanoTime());
            client.send(TOPIC, event.data(), null, null, Long.toString(event.number()), false);
            published.incrementAndGet();
            LockSupport.parkNanos(INTERVAL.toNanos());
        }
    }

    /**
     * The limit of the p99 latency from now on.
     *
     * @param calm the p99 so far, without an attack
     */
    record Baseline(Duration calm) {

        Duration limit(Duration echoed) {
            Duration slower = calm.compareTo(echoed) > 0 ? calm : echoed;
            Duration scaled = slower.multipliedBy(SLOWER_AT_MOST);
            return scaled.compareTo(LIMIT) > 0 ? scaled : LIMIT;
        }
    }

    /** Watches while {@code events} more of them arrive everywhere, and starts to measure anew. */
    Baseline watch(int events) {
        takeP99();
        awaitArrival(published.get() + events);
        var baseline = new Baseline(takeP99());
        echo.delays().takeP99();
        return baseline;
    }

    /**
     * Fails if an event was missed, or, on request, if the events since {@code before} took too
     * long.
     */
    void verify(Baseline before) throws Exception {
        long last = published.get() + 1;
        awaitArrival(last);
        for (Subscriber subscriber : subscribers) {
            subscriber.verify(last);
        }
        Duration p99 = takeP99();
        Duration limit = before.limit(echo.delays().takeP99());
        if (LATENCY_COUNTS && p99.compareTo(limit) > 0) {
            throw new AssertionError(
                    "healthy subscribers had a p99 latency of %s, limit %s, without the attack %s"
                            .formatted(p99, limit, before.calm()));
        }
    }

    private void awaitArrival(long number) {
        await("event " + number + " at all healthy subscribers")
                .atMost(Target.TIMEOUT)
                .pollInSameThread()
                .pollInterval(Duration.ofMillis(20))
                .failFast(
                        "the server has died, or refuses the healthy publisher",
                        () -> !target.isAlive() || publishing.isDone())
                .until(() ->
                        subscribers.stream().allMatch(subscriber -> subscriber.latest() >= number));
    }

    private Duration takeP99() {
        return subscribers.stream()
                .map(subscriber -> subscriber.delays().takeP99())
                .max(Duration::compareTo)
                .orElseThrow();
    }

    @Override
    public void close() {
        stopped = true;
        subscribers.forEach(Subscriber::close);
        echo.close();
        client.close();
        threads.shutdownNow();
    }
}
