package dev.longwave.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.Publication;
import dev.longwave.broker.testing.DeploymentFixture;
import dev.longwave.broker.testing.RecordingSink;
import dev.longwave.broker.testing.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the server refuses, it refuses: with a reason, and the state says so until it is over. */
final class RedisRefusalsIT extends DeploymentFixture {

    private static final String PASSWORD = "hush-4711";

    private RedisServer server;

    @BeforeEach
    void startServer() {
        server = RedisServer.start(RedisServer.Product.REDIS);
    }

    @AfterEach
    void closeServer() {
        closeDeployment();
        server.close();
    }

    @Override
    protected BrokerProvider provider() {
        return new RedisBrokerProvider();
    }

    @Override
    protected Map<String, String> deployment() {
        return Map.of("uri", server.uri(), "timeout", "PT1S");
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of("retention-count", Integer.toString(entries));
    }

    @Test
    void refusesWhenTheMemoryIsFull() {
        Broker node = createNode();
        publishNumbers(node, 1, 1);

        server.cli("CONFIG", "SET", "maxmemory", "1mb");
        assertRefuses(node, Reason.FULL, "full");

        assertThatThrownBy(() -> node.claim("key", Duration.ofMinutes(1)))
                .isInstanceOf(BrokerRefusedException.class);
        assertThat(node.publishAll(List.of(Publication.of(topic, text("2")))))
                .allSatisfy(result ->
                        assertThat(result.failure().orElseThrow())
                                .isInstanceOf(BrokerRefusedException.class));
        server.cli("CONFIG", "SET", "maxmemory", "0");
        assertRecovers(node);
    }

    @Test
    void refusesWhenSnapshotsCannotBeWritten() throws IOException {
        Broker node = createNode();
        publishNumbers(node, 1, 1);

        // A snapshot that cannot be written stops writes, until one can be or none is wanted.
        server.cli("CONFIG", "SET", "save", "3600 1");
        Files.createDirectory(server.process().directory().resolve("dump.rdb"));
        awaitThat(
                "a failed snapshot",
                () -> {
                    server.cli("BGSAVE");
                    return server.info("rdb_last_bgsave_status").equals("err");
                });
        assertRefuses(node, Reason.MISCONFIGURED, "misconfigured");

        server.cli("CONFIG", "SET", "save", "");
        assertRecovers(node);
    }

    @Test
    void refusesWhenARightIsWithdrawn() {
        server.cli("ACL", "SETUSER", "ann", "on", ">" + PASSWORD, "~*", "&*", "+@all");
        Broker node = createNode(Map.of("user", "ann", "password", PASSWORD));
        publishNumbers(node, 1, 1);

        server.cli("ACL", "SETUSER", "ann", "-xadd", "-set");
        assertRefuses(node, Reason.DENIED, "denied");

        server.cli("ACL", "SETUSER", "ann", "+xadd", "+set");
        assertRecovers(node);
    }

    @Test
    void refusesWhenThePasswordIsChanged() {
        server.cli("ACL", "SETUSER", "ann", "on", ">" + PASSWORD, "~*", "&*", "+@all");
        Broker node = createNode(Map.of("user", "ann", "password", PASSWORD));
        publishNumbers(node, 1, 1);

        server.cli("ACL", "SETUSER", "ann", "resetpass", ">new-" + PASSWORD);
        server.cli("CLIENT", "KILL", "USER", "ann");
        awaitThat(
                "a refusal",
                () -> {
                    try {
                        var _ = node.publish(topic, text("2", "two"));
                        return false;
                    } catch (BrokerRefusedException e) {
                        return e.reason() == Reason.DENIED;
                    } catch (BrokerException _) {
                        return false;
                    }
                });

        server.cli("ACL", "SETUSER", "ann", ">" + PASSWORD);
        assertRecovers(node);
    }

    @Test
    void refusesWithoutEnoughReplicas() {
        Broker node = createNode();
        publishNumbers(node, 1, 1);

        server.cli("CONFIG", "SET", "min-replicas-to-write", "1");
        assertRefuses(node, Reason.READ_ONLY, "read-only");

        server.cli("CONFIG", "SET", "min-replicas-to-write", "0");
        assertRecovers(node);
    }

    @Test
    void doesNotTakeOneTopicsTroubleForItsServers() {
        Broker node = createNode();
        server.cli("SET", "longwave:{" + Keys.bucket(topic) + "}:log:" + topic, "no stream");

        assertThatThrownBy(() -> node.publish(topic, text("1")))
                .isInstanceOfSatisfying(
                        BrokerRefusedException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.OTHER));

        assertThat(states(node)).doesNotContain(BrokerState.DEGRADED);
    }

    @Test
    void noticesAnEvictionPolicyThatIsSetLater() {
        Broker node = createNode();
        node.subscribe(topic, new RecordingSink());

        server.cli("CONFIG", "SET", "maxmemory", "100mb", "maxmemory-policy", "allkeys-lru");
        server.cli("CLIENT", "KILL", "TYPE", "pubsub"); // which makes it look again

        awaitThat("word of it", () -> states(node).getLast() == BrokerState.DEGRADED);
        assertThat(statuses(node).getLast().reason()).contains("allkeys-lru");
        server.cli("CONFIG", "SET", "maxmemory-policy", "noeviction");
        server.cli("CLIENT", "KILL", "TYPE", "pubsub");
        awaitThat("recovery", () -> states(node).getLast() == BrokerState.CONNECTED);
    }

    /** The answer is a refusal with this reason, and the state says so, and why. */
    private void assertRefuses(Broker node, Reason reason, String word) {
        assertThatThrownBy(() -> node.publish(topic, text("2", "two")))
                .isInstanceOfSatisfying(
                        BrokerRefusedException.class,
                        e -> assertThat(e.reason()).isEqualTo(reason));
        awaitThat("word of it", () -> states(node).getLast() == BrokerState.DEGRADED);
        assertThat(statuses(node).getLast().reason()).contains(word);
    }

    /** Without a publish. */
    private void assertRecovers(Broker node) {
        awaitThat("recovery", () -> states(node).getLast() == BrokerState.CONNECTED);
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        publishNumbers(node, 3, 3);
        sink.awaitText("3");
    }
}
