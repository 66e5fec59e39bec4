package dev.longwave.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.testing.Bus;
import dev.longwave.testing.Protocol;
import dev.longwave.testing.ResponseHead;
import dev.longwave.testing.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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

    /** As in deploy/kubernetes, where clients leave over half of that time. */
    private static final String LONG_DRAIN = "server.drain-timeout=PT30S";

    private static final List<String> SETTINGS =
            STREAMS > FEW
                    ? List.of("limits.connections-per-address=0", LONG_DRAIN)
                    : List.of("limits.connections-per-address=0");

    private final AtomicInteger connects = new AtomicInteger();
    private final AtomicInteger published = new AtomicInteger();
    private final List<NumberReader> readers = new ArrayList<>();
    private volatile @Nullable Node stopping;

    @Test
    void losesNothingAndSpreadsTheClients() throws Exception {
        try (Cluster cluster = Cluster.start(Bus.Kind.NATS, NODES, SETTINGS);
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

    /**
     * As a load balancer does that asks the nodes whether they are ready: the least connections.
     */
    private final class Balanced implements Transport {

        private final Map<Node, AtomicInteger> open = new LinkedHashMap<>();

        Balanced(Cluster cluster) {
            cluster.nodes().forEach(node -> open.put(node, new AtomicInteger()));
        }

        private synchronized Node next() {
            Node next =
                    open.entrySet().stream()
                            .filter(each -> each.getKey() != stopping)
                            .min(Comparator.comparingInt(each -> each.getValue().get()))
                            .orElseThrow()
                            .getKey();
            count(next).incrementAndGet();
            return next;
        }

        private AtomicInteger count(Node node) {
            return Objects.requireNonNull(open.get(node));
        }

        @Override
        public Exchange get(URI uri, Map<String, String> headers) throws IOException {
            connects.incrementAndGet();
            Node node = next();
            String target = uri.getRawPath() + '?' + uri.getRawQuery();
            try {
                Exchange exchange =
                        Protocol.HTTP_1.get(
                                URI.create("http://127.0.0.1:" + node.process().port() + target),
                                headers);
                return counted(exchange, count(node));
            } catch (IOException e) {
                count(node).decrementAndGet();
                throw e;
            }
        }

        private static Exchange counted(Exchange exchange, AtomicInteger count) {
            var closed = new AtomicBoolean();
            return new Exchange() {
                @Override
                public ResponseHead head() throws IOException {
                    return exchange.head();
                }

                @Override
                public InputStream body() throws IOException {
                    return exchange.body();
                }

                @Override
                public void close() {
                    if (!closed.getAndSet(true)) {
                        count.decrementAndGet();
                    }
                    exchange.close();
                }
            };
        }
    }
}
