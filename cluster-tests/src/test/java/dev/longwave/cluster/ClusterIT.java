package dev.longwave.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.testing.Bus;
import dev.longwave.broker.testing.Deployment;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.Topology;
import dev.longwave.testing.EventSourceClient;
import dev.longwave.testing.Seed;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Three nodes of the distribution on one bus, as processes.
 *
 * <p>{@code -Dlongwave.cluster.seconds=120} harms them for that long rather than for a short while.
 */
final class ClusterIT {

    private static final int NODES = 3;
    private static final int READERS = 200;
    private static final int PUBLISHERS = 8;
    private static final Duration HARM =
            Duration.ofSeconds(Integer.getInteger("longwave.cluster.seconds", 20));

    @ParameterizedTest
    @EnumSource(Bus.Kind.class)
    void losesAndRepeatsNothingWhileNodesAndServersFail(Bus.Kind kind) throws Exception {
        harm(kind);
    }

    /** In long runs only: {@code -Dlongwave.cluster.topologies=true}. */
    @ParameterizedTest
    @EnumSource(Topology.class)
    @EnabledIfSystemProperty(named = "longwave.cluster.topologies", matches = "true")
    void losesNothingInSilenceWhileServersTakeOverFromOthers(Topology topology) throws Exception {
        harm(topology);
    }

    private static void harm(Deployment deployment) throws Exception {
        try (Cluster cluster = Cluster.start(deployment, NODES);
                Workload workload = Workload.start(cluster, READERS, PUBLISHERS)) {
            workload.awaitFlow();
            Outages outages = workload.outages();

            new Chaos(cluster, outages, Seed.fresh()).rage(HARM);

            outages.report(deployment.toString());
            workload.verify();
        }
    }

    @ParameterizedTest
    @EnumSource(Bus.Kind.class)
    void losesAndRepeatsNothingInARollingRestart(Bus.Kind kind) throws Exception {
        try (Cluster cluster = Cluster.start(kind, NODES);
                Workload workload = Workload.start(cluster, READERS, PUBLISHERS)) {
            workload.awaitFlow();

            for (Node node : cluster.nodes()) {
                node.process().stop();
                node.process().restart();
            }

            workload.verify();
        }
    }

    @ParameterizedTest
    @EnumSource(Bus.Kind.class)
    void tellsThatItsBusIsAwayAndGoesOnWhenItIsBack(Bus.Kind kind) throws Exception {
        try (Cluster cluster = Cluster.start(kind, 1);
                EventSourceClient source = open(cluster, "t")) {
            Node node = cluster.nodes().getFirst();
            source.awaitOpen();
            node.publish("t", "first");
            node.publish("t", "before");
            String first = source.awaitEvents(2).getFirst().lastEventId();
            List<FaultProxy> ways = cluster.bus().ways(0);

            ways.forEach(FaultProxy::refuse);

            await().until(() -> !node.isReady());
            assertThat(node.ask("/health/ready").body()).contains("\"state\":\"disconnected\"");
            assertThat(node.ask("/health/live").statusCode()).isEqualTo(200);
            HttpResponse<String> refused = node.publish("t", "lost");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(source.state()).isEqualTo(EventSourceClient.State.OPEN);

            // What the node has in memory can still be resumed from.
            try (EventSourceClient resumed = open(cluster, "t?lastEventId=" + first)) {
                assertThat(resumed.awaitEvents(1).getFirst().data()).isEqualTo("before");
            }

            ways.forEach(FaultProxy::heal);
            await().until(node::isReady);
            assertThat(node.publish("t", "after").statusCode()).isEqualTo(200);
            assertThat(source.awaitEvents(3).getLast().data()).isEqualTo("after");
            assertThat(source.opens()).isEqualTo(1);
        }
    }

    private static EventSourceClient open(Cluster cluster, String topic) {
        return EventSourceClient.to(
                        URI.create(
                                "http://127.0.0.1:%d/events/%s"
                                        .formatted(
                                                cluster.nodes().getFirst().door().port(), topic)))
                .open();
    }
}
