package dev.longwave.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.Message;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.DeploymentFixture;
import dev.longwave.broker.testing.RecordingSink;
import dev.longwave.broker.testing.RedisCluster;
import dev.longwave.broker.testing.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Fail-overs and moving slots of a Redis Cluster. */
final class RedisClusterIT extends DeploymentFixture {

    private static final Duration NODE_TIMEOUT = Duration.ofSeconds(1);

    private static RedisCluster cluster;

    @BeforeAll
    static void startServers() {
        cluster = RedisCluster.start(RedisServer.Product.REDIS, NODE_TIMEOUT);
    }

    @AfterAll
    static void closeServers() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Override
    protected BrokerProvider provider() {
        return new RedisBrokerProvider();
    }

    @Override
    protected Map<String, String> deployment() {
        return Map.of("uri", cluster.uri());
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of("retention-count", Integer.toString(entries));
    }

    @Test
    void goesOnAfterAFailOver() {
        Broker node = createNode();
        Broker other = createNode();
        Map<String, RecordingSink> sinks = sinksOnAllPrimaries(other);
        for (String each : sinks.keySet()) {
            publish(node, each, 1, 10);
        }
        sinks.values().forEach(sink -> sink.awaitCount(10));
        cluster.awaitHealthy();
        awaitReplicated();
        RedisServer victim = primaryOf(topic + "/0");

        victim.process().kill();
        for (String each : sinks.keySet()) {
            publish(node, each, 11, 20);
        }

        sinks.forEach((name, sink) -> {
            sink.awaitText("20");
            sink.assertCalledProperly();
            assertThat(sink.gaps()).as(name).isEmpty();
            assertThat(sink.texts()).as(name).isEqualTo(numbers(1, 20));
            assertThat(RecordingSink.texts(readAll(node, name, Start.earliest(), null)))
                    .isEqualTo(numbers(1, 20));
        });
        victim.process().restart();
        cluster.awaitHealthy();
        awaitThat("recovery", () -> states(other).getLast() == BrokerState.CONNECTED);
    }

    @Test
    void losesRepeatsAndReordersNothingWhileASlotMoves() throws Exception {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        publish(node, topic, 1, 20);
        sink.awaitCount(20);
        RedisServer from = primaryOf(topic);
        RedisServer to =
                cluster.primaries().stream().filter(each -> each != from).findFirst().orElseThrow();
        var moved = new AtomicBoolean();
        var published = new ArrayList<String>();
        Future<?> publishing =
                run(() -> {
                    for (int i = 21; !moved.get() || i <= 200; i++) {
                        publish(node, topic, i, i);
                        published.add("" + i);
                    }
                });

        moveSlot(Keys.slot(Keys.bucket(topic)), from, to);
        moved.set(true);
        join(List.of(publishing));

        sink.awaitText(published.getLast());
        sink.assertCalledProperly();
        assertThat(sink.gaps()).isEmpty();
        assertThat(sink.texts()).isEqualTo(numbers(1, 20 + published.size()));
        assertThat(primaryOf(topic)).isSameAs(to);
        publish(node, topic, 1000, 1000);
        sink.awaitText("1000");
    }

    @Test
    void publishesABatchToAllPrimaries() {
        Broker node = createNode();
        Map<String, RecordingSink> sinks = sinksOnAllPrimaries(createNode());
        var publications = new ArrayList<Publication>();
        for (int i = 1; i <= 300; i++) {
            for (String each : sinks.keySet()) {
                publications.add(Publication.of(each, text("" + i)));
            }
        }

        List<PublishResult> results = node.publishAll(publications);

        assertThat(results).allMatch(result -> result.published().isPresent());
        sinks.forEach((name, sink) -> {
            sink.awaitText("300");
            assertThat(sink.texts()).as(name).isEqualTo(numbers(1, 300));
        });
    }

    @Test
    void saysThatSlotsAreNotServed() {
        Broker node = createNode(Map.of("timeout", "PT1S"));
        publish(node, topic, 1, 1);
        RedisServer primary = primaryOf(topic);
        String slot = Integer.toString(Keys.slot(Keys.bucket(topic)));

        cluster.servers().forEach(each -> each.cli("CLUSTER", "DELSLOTS", slot));
        try {
            assertThatThrownBy(() -> node.publish(topic, text("2")))
                    .isInstanceOfSatisfying(
                            BrokerRefusedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.BUSY));
            awaitThat("word of it", () -> states(node).contains(BrokerState.DEGRADED));
        } finally {
            primary.cli("CLUSTER", "ADDSLOTS", slot);
            cluster.awaitHealthy();
        }

        publish(node, topic, 2, 2);
        awaitThat("recovery", () -> states(node).getLast() == BrokerState.CONNECTED);
    }

    @Test
    void saysWhatToWriteForACluster() {
        RedisServer member = cluster.servers().getFirst();
        assertThatThrownBy(() -> createNode(Map.of("uri", member.uri())))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("member of a Redis Cluster")
                .hasMessageContaining("redis-cluster://127.0.0.1:" + member.port());

        try (RedisServer single = RedisServer.start(RedisServer.Product.REDIS)) {
            String uri = "redis-cluster://127.0.0.1:" + single.port();
            assertThatThrownBy(() -> createNode(Map.of("uri", uri)))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("there is no Redis Cluster");
        }
    }

    /** Moves a slot with its keys, one after the other, as {@code redis-cli --cluster} does. */
    private static void moveSlot(int number, RedisServer from, RedisServer to) {
        String slot = Integer.toString(number);
        to.cli("CLUSTER", "SETSLOT", slot, "IMPORTING", RedisCluster.id(from));
        from.cli("CLUSTER", "SETSLOT", slot, "MIGRATING", RedisCluster.id(to));
        List<String> keys = from.cli("CLUSTER", "GETKEYSINSLOT", slot, "1000").lines().toList();
        while (!keys.isEmpty() && !keys.getFirst().isEmpty()) {
            for (String key : keys) {
                from.cli("MIGRATE", "127.0.0.1", "" + to.port(), key, "0", "10000");
            }
            keys = from.cli("CLUSTER", "GETKEYSINSLOT", slot, "1000").lines().toList();
        }
        to.cli("CLUSTER", "SETSLOT", slot, "NODE", RedisCluster.id(to));
        from.cli("CLUSTER", "SETSLOT", slot, "NODE", RedisCluster.id(to));
    }

    /** {@return sinks of topics of which each primary has one} */
    private Map<String, RecordingSink> sinksOnAllPrimaries(Broker node) {
        var sinks = new LinkedHashMap<String, RecordingSink>();
        for (int i = 0; i < 12; i++) {
            var sink = new RecordingSink();
            node.subscribe(topic + '/' + i, sink);
            sinks.put(topic + '/' + i, sink);
        }
        assertThat(sinks.keySet().stream().map(RedisClusterIT::primaryOf).distinct()).hasSize(3);
        return sinks;
    }

    private static RedisServer primaryOf(String topic) {
        return cluster.primaryOf("{" + Keys.bucket(topic) + "}");
    }

    private static void awaitReplicated() {
        awaitThat(
                "the replicas",
                () ->
                        cluster.primaries().stream()
                                .allMatch(each ->
                                        each.info("slave0")
                                                .contains(
                                                        "offset="
                                                                + each.info(
                                                                        "master_repl_offset"))));
    }

    private static void publish(Broker node, String topic, int from, int to) {
        for (int i = from; i <= to; i++) {
            Message message = text("" + i, "id-" + i);
            awaitThat(
                    "acceptance",
                    () -> {
                        try {
                            return node.publish(topic, message).position() != null;
                        } catch (BrokerException _) {
                            return false;
                        }
                    });
        }
    }
}
