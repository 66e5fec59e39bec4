package dev.longwave.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.DeploymentFixture;
import dev.longwave.broker.testing.RecordingSink;
import dev.longwave.broker.testing.RedisSentinel;
import dev.longwave.broker.testing.RedisServer;
import dev.longwave.broker.testing.RedisServer.Product;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A primary with a replica, and three Sentinels that fail over from one to the other. */
final class RedisSentinelIT extends DeploymentFixture {

    private static final Duration DOWN_AFTER = Duration.ofSeconds(1);

    private final List<RedisSentinel> sentinels = new ArrayList<>();
    private RedisServer first;
    private RedisServer second;

    @BeforeEach
    void startServers() {
        first = RedisServer.start(Product.REDIS);
        second = first.startReplica();
        for (int i = 0; i < 3; i++) {
            sentinels.add(RedisSentinel.start(Product.REDIS, first, 2, DOWN_AFTER));
        }
        sentinels.forEach(sentinel -> sentinel.awaitKnown(2, 1));
    }

    @AfterEach
    void closeServers() {
        closeDeployment();
        sentinels.forEach(RedisSentinel::close);
        first.close();
        second.close();
    }

    @Override
    protected BrokerProvider provider() {
        return new RedisBrokerProvider();
    }

    @Override
    protected Map<String, String> deployment() {
        return Map.of("uri", uri(RedisSentinel.MASTER));
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of("retention-count", Integer.toString(entries));
    }

    private String uri(String master) {
        return "redis-sentinel://127.0.0.1:1,127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d/0?master=%s"
                .formatted(
                        sentinels.get(0).port(),
                        sentinels.get(1).port(),
                        sentinels.get(2).port(),
                        master);
    }

    @Test
    void followsTheSentinelsOverAFailOver() {
        Broker node = createNode();
        Broker other = createNode();
        var sink = new RecordingSink();
        other.subscribe(topic, sink);
        List<Position> before = publishNumbers(node, 1, 20);
        sink.awaitCount(20);
        awaitReplicated();

        first.process().kill();
        sentinels.getFirst().process().kill(); // the one that was asked
        publishUntilAccepted(node, text("21", "id-21"));
        awaitThat("the new primary", () -> sentinels.getLast().primaryPort() == second.port());
        publishUntilAccepted(node, text("22", "id-22"));

        sink.awaitText("22");
        sink.assertCalledProperly();
        assertThat(sink.gaps()).isEmpty();
        assertThat(sink.texts()).isEqualTo(numbers(1, 22));
        assertThat(RecordingSink.texts(readAll(node, Start.after(before.getLast()), null)))
                .containsExactly("21", "22");
        awaitThat("recovery", () -> states(other).getLast() == BrokerState.CONNECTED);
    }

    @Test
    void leavesAPrimaryThatStandsStillAndIsReplaced() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        publishNumbers(node, 1, 5);
        sink.awaitCount(5);
        awaitReplicated();

        first.process().freeze();
        try {
            publishUntilAccepted(node, text("6", "id-6"));
            sink.awaitText("6");
        } finally {
            first.process().thaw();
        }
        publishUntilAccepted(node, text("7", "id-7"));

        sink.awaitText("7");
        // The frozen primary may have stored what it could not replicate any more: then that is
        // told.
        assertThat(RecordingSink.texts(readAll(node, Start.earliest(), null)))
                .contains("1", "2", "3", "4", "5", "6", "7");
        awaitThat("recovery", () -> states(node).getLast() == BrokerState.CONNECTED);
    }

    @Test
    void saysWhatToWriteForSentinels() {
        String plain = "redis://127.0.0.1:" + sentinels.getFirst().port();
        assertThatThrownBy(() -> createNode(Map.of("uri", plain)))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("there is a Sentinel")
                .hasMessageContaining(
                        "redis-sentinel://127.0.0.1:%d/0?master=longwave"
                                .formatted(sentinels.getFirst().port()));

        String none = "redis-sentinel://127.0.0.1:%d/0?master=x".formatted(first.port());
        assertThatThrownBy(() -> createNode(Map.of("uri", none)))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("there is no Sentinel");

        assertThatThrownBy(() -> createNode(Map.of("uri", uri("other"))))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("master=other")
                .hasMessageContaining("known=[longwave]");
    }

    /** Replication is asynchronous: what is not replicated is lost with the primary. */
    private void awaitReplicated() {
        awaitThat(
                "the replica",
                () -> first.info("master_repl_offset").equals(second.info("slave_repl_offset")));
    }

    private void publishUntilAccepted(Broker node, Message message) {
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
