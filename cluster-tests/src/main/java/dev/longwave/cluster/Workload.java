package dev.longwave.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.testing.Protocol;
import dev.longwave.testing.PublishClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Readers and publishers that use all nodes of a cluster, and the judge: what each reader got is
 * the log, and the log has each message that was acknowledged once.
 */
final class Workload implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(Workload.class.getName());
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final List<String> TOPICS = List.of("orders", "jobs/17", "chat/ü", "logs/a/b");

    private static final List<Protocol> PROTOCOLS =
            List.of(Protocol.HTTP_1, Protocol.HTTP_2, Protocol.WEBSOCKET);

    private final Cluster cluster;
    private final PublishClient client;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Publisher> publishers = new ArrayList<>();
    private final List<Future<?>> publishing = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();

    private Workload(Cluster cluster) {
        this.cluster = cluster;
        this.client = new PublishClient(cluster::anyPort);
    }

    /** Opens readers, of one topic or of two, and starts publishing. */
    static Workload start(Cluster cluster, int readers, int publishers) {
        var workload = new Workload(cluster);
        for (int i = 0; i < readers; i++) {
            String topic = TOPICS.get(i % TOPICS.size());
            String other = TOPICS.get((i + 1) % TOPICS.size());
            workload.readers.add(
                    Reader.open(
                            cluster,
                            PROTOCOLS.get(i % PROTOCOLS.size()),
                            i % 5 == 0 ? List.of(topic, other) : List.of(topic)));
        }
        for (int i = 0; i < publishers; i++) {
            var publisher = new Publisher("p" + i, TOPICS, workload.client);
            workload.publishers.add(publisher);
            workload.publishing.add(publisher.start(workload.threads));
        }
        return workload;
    }

    /** Waits until each publisher has had some answers, and each reader a stream. */
    void awaitFlow() {
        await().atMost(TIMEOUT)
                .until(() ->
                        publishers.stream()
                                        .allMatch(it -> it.acknowledged().size() >= TOPICS.size())
                                && readers.stream().allMatch(it -> it.opens() > 0));
    }

    /** {@return how long faults keep its publishers waiting} */
    Outages outages() {
        return new Outages(publishers);
    }

    /**
     * Stops publishing, waits until all readers are through, and judges. Where a server that takes
     * over may lack acknowledged events, each reader must have been told; otherwise there must be
     * nothing to tell.
     */
    void verify() throws Exception {
        publishers.forEach(Publisher::stop);
        for (Future<?> publisher : publishing) {
            var _ = publisher.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        }
        Receipts published = log();
        Set<String> lost = verifyLog(published);
        awaitReaders(published);
        // Whoever gets something late, and a second time, gets it before these.
        TOPICS.forEach(topic -> client.publish(topic, Receipt.data(topic, "last", ""), null, null));
        Receipts log = log();
        awaitReaders(log);
        if (cluster.bus().failsOver()) {
            readers.forEach(reader -> reader.verifyTold(log, lost));
        } else {
            assertThat(lost).isEmpty();
            readers.forEach(reader -> reader.verify(log));
        }
        LOGGER.log(
                System.Logger.Level.INFO,
                "events={0} readers={1} streams={2} topics with losses={3} gaps={4}",
                log.all().size(),
                readers.size(),
                readers.stream().mapToInt(Reader::opens).sum(),
                lost.size(),
                readers.stream().mapToInt(Reader::gaps).sum());
    }

    private Receipts log() {
        var log = new Receipts();
        TOPICS.forEach(
                topic -> log.of(topic).addAll(Receipt.log(cluster.nodes().getFirst(), topic)));
        return log;
    }

    /** Waits until all are through. Who is not is for the verification to tell. */
    private void awaitReaders(Receipts log) {
        try {
            await().atMost(TIMEOUT)
                    .until(() -> readers.stream().allMatch(reader -> reader.isThrough(log)));
        } catch (ConditionTimeoutException e) {
            readers.forEach(reader -> reader.verifyTold(log, Set.of()));
            throw e;
        }
    }

    /**
     * {@return the topics that have lost acknowledged events} Fails if the log has something twice,
     * or something that was not acknowledged.
     */
    private Set<String> verifyLog(Receipts log) {
        List<String> logged = log.all().stream().map(Receipt::message).toList();
        Map<String, String> missing =
                publishers.stream()
                        .flatMap(publisher -> publisher.acknowledged().entrySet().stream())
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        assertThat(logged).doesNotHaveDuplicates();
        assertThat(missing.keySet()).containsAll(logged);
        logged.forEach(missing::remove);
        if (!missing.isEmpty()) {
            LOGGER.log(System.Logger.Level.INFO, "acknowledged and lost: {0}", missing);
        }
        return Set.copyOf(missing.values());
    }

    @Override
    public void close() {
        publishers.forEach(Publisher::stop);
        client.close();
        readers.forEach(Reader::close);
        threads.close();
    }
}
