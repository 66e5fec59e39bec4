package dev.longwave.server.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over a real broker. */
final class ClusterNodesTest {

    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    private final Broker broker =
            ServiceLoader.load(BrokerProvider.class)
                    .findFirst()
                    .orElseThrow()
                    .settings(new Settings(Map.of()))
                    .connect(BrokerContext.builder("node").build());
    private final Presence presence = broker.presence().orElseThrow();
    private final AtomicLong nanos = new AtomicLong();

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void listsThisNodeAndThenTheOthersByTheirIds() {
        ClusterNode a = node("a");
        ClusterNode b = node("b");
        ClusterNode c = new ClusterNode("c", "0.2.0", START.plusSeconds(1), 7, true);
        try (ClusterNodes ofA = nodes(a);
                ClusterNodes ofB = nodes(b);
                ClusterNodes ofC = nodes(c)) {
            ofC.exchange();
            ofA.exchange();
            ofB.exchange();

            assertThat(ofB.list()).containsExactly(b, a, c);
            assertThat(ofC.list()).containsExactly(c);
        }
    }

    @Test
    void announcesItselfUntilItIsClosed() {
        ClusterNode other = node("b");
        try (ClusterNodes nodes = nodes(node("a"))) {
            try (ClusterNodes _ = ClusterNodes.start(broker, () -> other)) {
                await().until(() -> {
                    nodes.exchange();
                    return nodes.list().contains(other);
                });
            }
            nodes.exchange();
            assertThat(nodes.list()).containsExactly(node("a"));
        }
    }

    @Test
    void describesItselfAsItIs() {
        try (ClusterNodes nodes = nodes(node("a"))) {
            assertThat(nodes.json())
                    .hasToString(
                            """
                            [{"node":"a","version":"0.1.0","since":"2030-01-01T00:00:00Z",\
                            "streams":3,"draining":false}]\
                            """);
        }
    }

    @Test
    void passesOverWhatIsNoNode() {
        for (String info :
                List.of(
                        "",
                        "no JSON",
                        "[]",
                        "{}",
                        "{\"version\":\"1\",\"since\":\"yesterday\"}",
                        "{\"since\":\"2030-01-01T00:00:00Z\",\"version\":\"%s\"}"
                                .formatted("1".repeat(65)))) {
            presence.put(
                    ClusterNodes.TOPIC,
                    Presence.Member.of("stranger" + info.length(), info),
                    Duration.ofMinutes(1));
        }
        try (ClusterNodes nodes = nodes(node("a"))) {
            nodes.exchange();

            assertThat(nodes.list()).containsExactly(node("a"));
        }
    }

    @Test
    void forgetsTheOthersWhenTheBrokerHasNotAnsweredForALease() {
        var failing = new Failing(presence);
        try (ClusterNodes other = nodes(node("b"));
                ClusterNodes nodes =
                        new ClusterNodes(Optional.of(failing), () -> node("a"), nanos::get)) {
            other.exchange();
            nodes.exchange();
            failing.fails = true;

            nanos.addAndGet(ClusterNodes.LEASE.toNanos() - 1);
            nodes.exchange();
            assertThat(nodes.list()).hasSize(2);

            nanos.incrementAndGet();
            nodes.exchange();
            assertThat(nodes.list()).containsExactly(node("a"));

            failing.fails = false;
            other.exchange();
            nodes.exchange();
            assertThat(nodes.list()).hasSize(2);
        }
    }

    @Test
    void knowsOnlyItselfIfTheBrokerKeepsNoPresence() {
        try (ClusterNodes nodes = new ClusterNodes(Optional.empty(), () -> node("a"), nanos::get)) {
            assertThat(nodes.list()).containsExactly(node("a"));
        }
    }

    private ClusterNodes nodes(ClusterNode self) {
        return new ClusterNodes(Optional.of(presence), () -> self, nanos::get);
    }

    private static ClusterNode node(String id) {
        return new ClusterNode(id, "0.1.0", START, 3, false);
    }

    /** Presence that can be away. */
    private static final class Failing implements Presence {

        private final Presence presence;
        private boolean fails;

        Failing(Presence presence) {
            this.presence = presence;
        }

        private Presence presence() {
            if (fails) {
                throw new BrokerUnavailableException("away");
            }
            return presence;
        }

        @Override
        public void put(String topic, Member member, Duration ttl) {
            presence().put(topic, member, ttl);
        }

        @Override
        public void remove(String topic, String memberId) {
            presence().remove(topic, memberId);
        }

        @Override
        public List<Member> members(String topic, int max) {
            return presence().members(topic, max);
        }

        @Override
        public long count(String topic) {
            return presence().count(topic);
        }
    }
}
