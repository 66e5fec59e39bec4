package dev.longwave.cluster;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long faults keep publishers waiting: from sending an event for the first time until it is
 * acknowledged, beyond the time for which the cause lasts. For one thread.
 */
final class Outages {

    private static final System.Logger LOGGER = System.getLogger(Outages.class.getName());
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private final List<Publisher> publishers;
    private final Map<String, Outage> longest = new TreeMap<>();

    /**
     * The longest of the outages by one fault.
     *
     * @param times how often it was measured
     * @param cause how long the cause lasted, such as until the server was up again
     * @param beyond how much longer a publisher waited
     */
    private record Outage(int times, Duration cause, Duration beyond) {

        Outage and(Outage other) {
            Outage longer = other.beyond.compareTo(beyond) > 0 ? other : this;
            return new Outage(times + other.times, longer.cause, longer.beyond);
        }
    }

    Outages(List<Publisher> publishers) {
        this.publishers = publishers;
    }

    /** Waits until all publishers have an answer, and forgets how long they waited until then. */
    void settle() {
        awaitAnswers();
        var _ = longestWait();
    }

    /** Waits until all publishers have an answer after a fault, and adds how long that took. */
    void add(String fault, Duration cause) {
        awaitAnswers();
        Duration wait = longestWait();
        var outage =
                new Outage(1, cause, wait.compareTo(cause) > 0 ? wait.minus(cause) : Duration.ZERO);
        longest.merge(fault, outage, Outage::and);
    }

    /** Logs the longest outage of each fault. */
    void report(String deployment) {
        longest.forEach((fault, outage) ->
                LOGGER.log(
                        System.Logger.Level.INFO,
                        "outage bus={0} fault=\"{1}\" times={2} cause={3} beyond={4}",
                        deployment,
                        fault,
                        outage.times,
                        seconds(outage.cause),
                        seconds(outage.beyond)));
    }

    private void awaitAnswers() {
        long now = System.nanoTime();
        await().atMost(TIMEOUT)
                .until(() ->
                        publishers.stream().allMatch(publisher -> publisher.answeredSince(now)));
    }

    private Duration longestWait() {
        return publishers.stream()
                .map(Publisher::takeLongestWait)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }

    private static String seconds(Duration duration) {
        return "%.1fs".formatted(duration.toMillis() / 1_000.0);
    }
}
