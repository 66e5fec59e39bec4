package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Settings;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.NatsCluster;
import dev.longwave.broker.testing.NatsServer;
import dev.longwave.broker.testing.RecordingSink;
import dev.longwave.broker.testing.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Loses one server after the other, always the stream's leader, while events are published. */
final class ClusterIT {

    private static final Duration TIMEOUT = Duration.ofMinutes(3); // a watchdog
    private static final Duration BATCH_PAUSE = Duration.ofMillis(200); // or the log is trimmed
    private static final String STREAM = "cluster";

    private static NatsCluster cluster;

    private final List<Broker> nodes = new ArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void startCluster() {
        cluster = NatsCluster.start(NatsServer.Generation.CURRENT);
    }

    @AfterAll
    static void closeCluster() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        nodes.forEach(Broker::close);
    }

    @Test
    void losesRepeatsAndReordersNothingWhileLeadersAreKilledAndFrozen() throws Exception {
        var sinks = List.of(new RecordingSink(), new RecordingSink(), new RecordingSink());
        node().subscribe("busy/topic", sinks.getFirst());
        node().subscribe("busy/topic", sinks.get(1));
        nodes.getFirst().subscribe("busy/*", sinks.getLast());
        var done = new AtomicBoolean();
        Broker publisher = node();
        Future<Integer> published = threads.submit(() -> publish(publisher, done));

        sinks.getFirst().awaitCount(100);
        NatsServer killed = leader();
        killed.process().kill();
        awaitAnotherLeaderThan(killed);
        killed.process().restart();
        cluster.awaitHealthy();
        NatsServer frozen = leader();
        frozen.process().freeze();
        awaitAnotherLeaderThan(frozen);
        frozen.process().thaw();
        cluster.awaitHealthy();
        done.set(true);

        int last = published.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        List<String> all = IntStream.rangeClosed(1, last).mapToObj(Integer::toString).toList();
        for (RecordingSink sink : sinks) {
            sink.awaitText(Integer.toString(last));
            sink.assertCalledProperly();
            assertThat(sink.gaps()).isEmpty();
            assertThat(sink.texts()).isEqualTo(all);
        }
    }

    /** An event that the broker has accepted. */
    private record Accepted(String topic, String text, Position position) {}

    @Test
    void keepsTheOrderOfBatchesWhileLeadersAreKilled() throws Exception {
        Broker publisher = node();
        var done = new AtomicBoolean();
        List<Accepted> accepted = new CopyOnWriteArrayList<>();
        Future<?> publishing = threads.submit(() -> publishBatches(publisher, accepted, done));

        for (int kills = 0; kills < 3; kills++) {
            awaitMore(accepted, 300);
            NatsServer killed = leader();
            killed.process().kill();
            awaitMore(accepted, 300);
            killed.process().restart();
            cluster.awaitHealthy();
        }
        done.set(true);
        publishing.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);

        for (String topic : List.of("batch/0", "batch/1")) {
            List<Accepted> ofTopic =
                    accepted.stream().filter(event -> event.topic().equals(topic)).toList();
            Page page = publisher.history(topic, Start.earliest(), null, 1 << 20, 1 << 30);
            List<String> log = RecordingSink.texts(page.entries());
            assertThat(log).doesNotHaveDuplicates();
            List<Accepted> found =
                    page.entries().stream()
                            .map(entry ->
                                    new Accepted(
                                            topic,
                                            RecordingSink.texts(List.of(entry)).getFirst(),
                                            entry.position()))
                            .filter(ofTopic::contains)
                            .toList();
            assertThat(found).isEqualTo(ofTopic);
        }
    }

    private static void awaitMore(List<Accepted> accepted, int more) {
        int before = accepted.size();
        await("acceptance").atMost(TIMEOUT).until(() -> accepted.size() >= before + more);
    }

    /** Whatever is not accepted is given up. */
    private static void publishBatches(Broker broker, List<Accepted> accepted, AtomicBoolean done) {
        int number = 0;
        while (!done.get()) {
            List<Publication> batch = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String text = Integer.toString(++number);
                byte[] data = text.getBytes(StandardCharsets.UTF_8);
                Message message = Message.builder(data).id("batch-" + text).build();
                batch.add(Publication.of("batch/" + i % 2, message));
            }
            List<PublishResult> results = broker.publishAll(batch);
            LockSupport.parkNanos(BATCH_PAUSE.toNanos());
            for (int i = 0; i < batch.size(); i++) {
                Publication publication = batch.get(i);
                String text = new String(publication.message().data(), StandardCharsets.UTF_8);
                results.get(i)
                        .published()
                        .ifPresent(published ->
                                accepted.add(
                                        new Accepted(
                                                publication.topic(), text, published.position())));
            }
        }
    }

    private static int publish(Broker broker, AtomicBoolean done) {
        int number = 0;
        while (!done.get()) {
            number++;
            publishUntilAccepted(broker, Integer.toString(number));
        }
        return number;
    }

    private static void publishUntilAccepted(Broker broker, String text) {
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        await("acceptance")
                .atMost(TIMEOUT)
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .ignoreExceptionsInstanceOf(BrokerException.class)
                .until(() ->
                        broker.publish("busy/topic", Message.builder(data).id("id-" + text).build())
                                != null);
    }

    private static NatsServer leader() {
        return cluster.server(Streams.leader(cluster.servers().getFirst().uri(), STREAM));
    }

    private static void awaitAnotherLeaderThan(NatsServer lost) {
        NatsServer other =
                cluster.servers().stream().filter(server -> server != lost).findFirst().get();
        await("another leader")
                .atMost(TIMEOUT)
                .pollInSameThread()
                .ignoreExceptions()
                .until(() -> !Streams.presentLeader(other.uri(), STREAM).equals(lost.name()));
    }

    private Broker node() {
        var settings =
                new Settings(
                        Map.of(
                                "broker.nats.servers",
                                cluster.uris(),
                                "broker.nats.stream",
                                STREAM,
                                "broker.nats.replicas",
                                "3",
                                "broker.nats.ping-interval",
                                "PT1S"));
        Broker node =
                new NatsBrokerProvider()
                        .settings(settings.section("broker.nats"))
                        .connect(
                                BrokerContext.builder("node-" + nodes.size())
                                        .clock(new TestClock())
                                        .build());
        nodes.add(node);
        return node;
    }
}
