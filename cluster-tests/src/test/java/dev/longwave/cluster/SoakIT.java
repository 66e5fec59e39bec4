package dev.longwave.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.testing.Bus;
import dev.longwave.broker.testing.ServerProcess;
import dev.longwave.testing.Churn;
import dev.longwave.testing.FrozenReader;
import dev.longwave.testing.ProcessSnapshot;
import dev.longwave.testing.Protocol;
import dev.longwave.testing.PublishClient;
import dev.longwave.testing.Seed;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Two nodes and their bus for {@code -Dlongwave.soak.minutes=30}, under clients that come and go,
 * clients that stop reading, cut connections, and restarts of the bus: nothing is lost or repeated,
 * and nothing grows. {@code -Dlongwave.soak.bus=REDIS} chooses the bus, NATS by default. It takes a
 * few minutes more, and so needs {@code -Dlongwave.watchdog.minutes=60}.
 */
@EnabledIfSystemProperty(named = "longwave.soak.minutes", matches = "[1-9][0-9]*")
final class SoakIT {

    private static final System.Logger LOGGER = System.getLogger(SoakIT.class.getName());
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration EVENT_EVERY = Duration.ofMillis(50); // of each topic
    private static final Duration RETENTION = Duration.ofMinutes(3);
    private static final int TOPICS = 10;
    private static final int READERS = 200;
    private static final int FROZEN = 20;
    private static final int CHURN = 2000; // a minute
    private static final int RESTART_EVERY = 3; // minutes
    private static final int SETTLING = 5; // minutes: classes, compiled code, what is retained
    private static final int MIB = 1 << 20;
    private static final int OWN_AFFAIRS = 10; // files and threads of a JVM for itself
    private static final int MAX_PERCENT_MORE = 25;

    private final int minutes = Integer.getInteger("longwave.soak.minutes", 30);
    private final Bus.Kind kind =
            Bus.Kind.valueOf(System.getProperty("longwave.soak.bus", Bus.Kind.NATS.name()));
    private final List<NumberReader> readers = new ArrayList<>();
    private final AtomicLong[] published =
            Stream.generate(AtomicLong::new).limit(TOPICS).toArray(AtomicLong[]::new);
    private volatile boolean stopped;

    /**
     * What a minute has left behind.
     *
     * @param nodes the nodes
     * @param busFiles open files of the bus's server
     * @param busKilobytes its resident memory
     * @param storedKilobytes what it has on disk
     */
    private record Minute(
            List<ProcessSnapshot> nodes, long busFiles, long busKilobytes, long storedKilobytes) {

        long heapBytes() {
            return nodes.stream().mapToLong(ProcessSnapshot::liveHeapBytes).sum();
        }

        long threads() {
            return nodes.stream()
                    .mapToLong(node -> node.platformThreads() + node.virtualThreads())
                    .sum();
        }

        long files() {
            return nodes.stream().mapToLong(ProcessSnapshot::fileDescriptors).sum();
        }

        String row(int number) {
            return "| %d | %.1f | %d | %d | %d | %d | %d |"
                    .formatted(
                            number,
                            heapBytes() / (double) MIB,
                            threads(),
                            files(),
                            busKilobytes / 1024,
                            busFiles,
                            storedKilobytes / 1024);
        }
    }

    @Test
    void losesNothingAndLeavesNothingBehind() throws Exception {
        String type =
                kind.name().startsWith("NATS") ? "nats" : kind.name().toLowerCase(Locale.ROOT);
        List<String> settings =
                List.of(
                        "broker.%s.retention-age=%s".formatted(type, RETENTION),
                        "limits.connections-per-address=0",
                        "net.write-deadline=PT5S");
        try (Cluster cluster = Cluster.start(kind, 2, settings);
                PublishClient client = new PublishClient(cluster::anyPort);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Closeable _ = () -> stopped = true) {
            List<Future<?>> publishing =
                    IntStream.range(0, TOPICS)
                            .<Future<?>>mapToObj(
                                    topic -> threads.submit(() -> publish(client, topic)))
                            .toList();
            for (int i = 0; i < READERS; i++) {
                readers.add(
                        new NumberReader("soak/" + i % TOPICS, cluster.hopping(Protocol.HTTP_1)));
            }
            List<Minute> past = new ArrayList<>();
            for (int number = 1; number <= minutes; number++) {
                long end = System.nanoTime() + MINUTE.toNanos();
                disturb(cluster, number);
                LockSupport.parkNanos(end - System.nanoTime());
                past.add(look(cluster));
                LOGGER.log(System.Logger.Level.INFO, past.getLast().row(number));
            }
            stopped = true;
            for (Future<?> publisher : publishing) {
                var _ = publisher.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            }
            await().atMost(TIMEOUT)
                    .until(() ->
                            IntStream.range(0, READERS)
                                    .allMatch(i ->
                                            readers.get(i).last() >= published[i % TOPICS].get()));
            assertThat(readers).allSatisfy(reader -> assertThat(reader.fault()).isEmpty());
            judge(past);
        } finally {
            readers.forEach(NumberReader::close);
        }
    }

    private void publish(PublishClient client, int topic) {
        while (!stopped) {
            String number = Long.toString(published[topic].get() + 1);
            var _ = client.send("soak/" + topic, number, null, null, topic + "-" + number, false);
            published[topic].incrementAndGet();
            LockSupport.parkNanos(EVENT_EVERY.toNanos());
        }
    }

    /** Clients that come and go, and some that stop reading; cuts; now and then a new bus. */
    private static void disturb(Cluster cluster, int minute) throws Exception {
        List<FrozenReader> frozen = new ArrayList<>();
        try {
            for (int i = 0; i < FROZEN; i++) {
                frozen.add(new FrozenReader(uri(cluster, i)));
            }
            for (int node = 0; node < cluster.nodes().size(); node++) {
                var _ = new Churn(uri(cluster, node), CHURN, 100, Seed.fresh()).run(TIMEOUT);
            }
            cluster.nodes().get(minute % cluster.nodes().size()).door().cut();
            if (minute % RESTART_EVERY == 0) {
                cluster.bus().servers().getFirst().restart();
                cluster.bus().awaitHealthy();
            }
        } finally {
            frozen.forEach(FrozenReader::close);
        }
    }

    private static URI uri(Cluster cluster, int i) {
        Node node = cluster.nodes().get(i % cluster.nodes().size());
        return URI.create(
                "http://127.0.0.1:%d/events/soak/%d".formatted(node.process().port(), i % TOPICS));
    }

    private Minute look(Cluster cluster) throws IOException, InterruptedException {
        await().atMost(TIMEOUT).until(() -> readers.stream().allMatch(NumberReader::isOpen));
        List<ProcessSnapshot> nodes = new ArrayList<>();
        for (Node node : cluster.nodes()) {
            nodes.add(ProcessSnapshot.of(node.process().pid()));
        }
        ServerProcess bus = cluster.bus().servers().getFirst();
        Path proc = Path.of("/proc", Long.toString(bus.pid()));
        long kilobytes =
                Files.readAllLines(proc.resolve("status")).stream()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum();
        try (Stream<Path> files = Files.list(proc.resolve("fd"))) {
            return new Minute(nodes, files.count(), kilobytes, storedKilobytes(bus.directory()));
        }
    }

    private static long storedKilobytes(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.map(Path::toFile).filter(File::isFile).mapToLong(File::length).sum()
                    / 1024;
        }
    }

    /** The last minutes against those after everything has settled. */
    private static void judge(List<Minute> past) {
        if (past.size() < 3 * SETTLING) {
            return; // a trial
        }
        List<Minute> first = past.subList(SETTLING, 2 * SETTLING);
        List<Minute> last = past.subList(past.size() - SETTLING, past.size());
        assertThat(mean(last, Minute::heapBytes))
                .isLessThan(mean(first, Minute::heapBytes) + 8 * MIB);
        assertThat(mean(last, Minute::threads))
                .isLessThan(mean(first, Minute::threads) + OWN_AFFAIRS);
        assertThat(mean(last, Minute::files)).isLessThan(mean(first, Minute::files) + OWN_AFFAIRS);
        assertThat(mean(last, Minute::busFiles))
                .isLessThan(mean(first, Minute::busFiles) + OWN_AFFAIRS);
        assertThat(mean(last, Minute::storedKilobytes))
                .isLessThan(
                        mean(first, Minute::storedKilobytes) * (100 + MAX_PERCENT_MORE) / 100
                                + 1024);
    }

    private static double mean(List<Minute> minutes, ToLongFunction<Minute> value) {
        return minutes.stream().mapToLong(value).average().orElse(0);
    }
}
