package dev.longwave.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.testing.Bus;
import dev.longwave.testing.Protocol;
import dev.longwave.testing.Transport;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Three nodes that are stopped and started again one after the other, as in an upgrade, behind a
 * load balancer that sends no clients to the one that stops.
 *
 * <p>{@code -Dlongwave.cluster.streams=10000} opens that many streams, and also judges how evenly
 * their clients come back, for which the machine must have nothing else to do.
 */
final class RollingRestartIT {

    private static final System.Logger LOGGER = System.getLogger(RollingRestartIT.class.getName());
    private static final int NODES = 3;
    private static final int FEW = 300;
    private static final int STREAMS = Integer.getInteger("longwave.cluster.streams", FEW);
    private static final int MAX_TIMES_THE_MEAN = 2;
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final String TOPIC = "news";

    private final AtomicInteger connects = new AtomicInteger();
    private final AtomicInteger published = new AtomicInteger();
    private final List<NumberReader> readers = new ArrayList<>();
    private volatile @Nullable Node stopping;

    @Test
    void losesNothingAndSpreadsTheClients() throws Exception {
        try (Cluster cluster =
                        Cluster.start(
                                Bus.Kind.NATS, NODES, List.of("limits.connections-per-address=0"));
                ScheduledExecutorService timer = Executors.newScheduledThreadPool(2)) {
            Transport balanced = new Balanced(cluster);
            for (int i = 0; i < STREAMS; i++) {
                readers.add(new NumberReader(TOPIC, balanced));
            }
            awaitOpenReaders();
            Future<?> publishing =
                    timer.scheduleAtFixedRate(() -> publish(cluster), 0, 1, TimeUnit.SECONDS);
            await().atMost(TIMEOUT)
                    .until(() -> readers.stream().allMatch(reader -> reader.last() > 0));
            List<Integer> counts = new CopyOnWriteArrayList<>();
            Future<?> counting =
                    timer.scheduleAtFixedRate(
                            () -> counts.add(connects.get()), 0, 1, TimeUnit.SECONDS);

            for (Node node : cluster.nodes()) {
                stopping = node;
                node.process().stop();
                node.process().restart();
                stopping = null;
            }
            awaitOpenReaders();

            counting.cancel(false);
            timer.shutdown();
            assertThat(timer.awaitTermination(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(publishing.state()).isEqualTo(Future.State.CANCELLED); // and has not failed
            int all = published.get();
            await().atMost(TIMEOUT)
                    .until(() -> readers.stream().allMatch(reader -> reader.last() >= all));
            assertThat(readers).allSatisfy(reader -> assertThat(reader.fault()).isEmpty());
            judge(counts);
        } finally {
            readers.forEach(NumberReader::close);
        }
    }

    private void awaitOpenReaders() {
        await().atMost(TIMEOUT).until(() -> readers.stream().allMatch(NumberReader::isOpen));
    }

    private void publish(Cluster cluster) {
        String number = Integer.toString(published.get() + 1);
        assertThat(anyNode(cluster).publish(TOPIC, number).statusCode()).isEqualTo(200);
        published.incrementAndGet();
    }

    private Node anyNode(Cluster cluster) {
        List<Node> nodes = cluster.nodes().stream().filter(node -> node != stopping).toList();
        return nodes.get(ThreadLocalRandom.current().nextInt(nodes.size()));
    }

    /** From the first second in which a client came back to the last one. */
    private static void judge(List<Integer> counts) {
        int first = counts.lastIndexOf(counts.getFirst());
        int last = counts.indexOf(counts.getLast());
        List<Integer> perSecond = new ArrayList<>();
        for (int i = first; i < last; i++) {
            perSecond.add(counts.get(i + 1) - counts.get(i));
        }
        var summary = perSecond.stream().mapToInt(count -> count).summaryStatistics();
        LOGGER.log(System.Logger.Level.INFO, "connects per second: {0}, {1}", summary, perSecond);
        if (STREAMS > FEW) {
            assertThat((double) summary.getMax())
                    .isLessThanOrEqualTo(MAX_TIMES_THE_MEAN * summary.getAverage());
        }
    }

    /** As a load balancer does that asks the nodes whether they are ready. */
    private final class Balanced implements Transport {

        private final Cluster cluster;

        Balanced(Cluster cluster) {
            this.cluster = cluster;
        }

        @Override
        public Exchange get(URI uri, Map<String, String> headers) throws IOException {
            connects.incrementAndGet();
            int port = anyNode(cluster).process().port();
            String target = uri.getRawPath() + '?' + uri.getRawQuery();
            return Protocol.HTTP_1.get(URI.create("http://127.0.0.1:" + port + target), headers);
        }
    }
}
