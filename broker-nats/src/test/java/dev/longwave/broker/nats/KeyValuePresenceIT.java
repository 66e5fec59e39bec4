package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.testing.NatsCluster;
import dev.longwave.broker.testing.NatsServer.Generation;
import io.nats.client.Connection;
import io.nats.client.api.StreamInfoOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class KeyValuePresenceIT {

    private static final String BUCKET = "presence-test";
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration LONG = Duration.ofHours(1);

    @ParameterizedTest
    @EnumSource
    void tellsAllNodesWhoIsThere(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            KeyValuePresence here = open(nats.connect());
            KeyValuePresence there = open(nats.connect());

            here.put("room", "ann", "Ann", LONG);
            there.put("room", "ben", "Ben", LONG);
            here.put("room", "ben", "Benjamin", LONG);
            here.put("room/other", "cem", "", LONG);

            assertThat(there.members("room", 10))
                    .isEqualTo(Map.of("ann", "Ann", "ben", "Benjamin"));
            assertThat(here.count("room")).isEqualTo(2);
            assertThat(here.members("room/other", 10)).isEqualTo(Map.of("cem", ""));
            assertThat(here.members("nowhere", 10)).isEmpty();
            assertThat(here.count("nowhere")).isZero();

            there.remove("room", "ann");
            there.remove("room", "nobody");

            assertThat(here.members("room", 10)).containsOnlyKeys("ben");
            assertThat(here.count("room")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tellsAllNodesAtOnceInACluster(Generation generation) throws Exception {
        try (var cluster = NatsCluster.start(generation)) {
            var clients = cluster.servers().stream().map(NatsClients::of).toList();
            var nodes = new ArrayList<KeyValuePresence>();
            for (NatsClients each : clients) {
                nodes.add(KeyValuePresence.open(each.connect(), BUCKET, 3, TIMEOUT));
            }

            for (int i = 1; i <= 100; i++) {
                nodes.get(i % 3).put("room", "member " + i, "", LONG);
                assertThat(nodes.get((i + 1) % 3).count("room")).isEqualTo(i);
                assertThat(nodes.get((i + 2) % 3).members("room", 200)).hasSize(i);
            }
            clients.forEach(NatsClients::close);
        }
    }

    @ParameterizedTest
    @EnumSource
    void forgetsWhoDoesNotRenew(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            Connection connection = nats.connect();
            KeyValuePresence presence = open(connection);
            presence.put("room", "gone", "", Duration.ofMillis(500));
            presence.put("room", "renewed", "", Duration.ofMillis(500));
            presence.put("room", "renewed", "again", LONG);

            await().atMost(Duration.ofSeconds(10)).until(() -> presence.count("room") == 1);

            assertThat(presence.members("room", 10)).isEqualTo(Map.of("renewed", "again"));
            await("the server has forgotten it, too")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> stored(connection, "room") == 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsNoMoreThanIsAskedFor(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            Connection connection = nats.connect();
            KeyValuePresence presence = open(connection);
            var all = new HashMap<String, String>();
            for (int i = 0; i < 600; i++) {
                presence.put("crowd", "member " + i, "info " + i, LONG);
                all.put("member " + i, "info " + i);
            }
            presence.put("other", "member", "", LONG);

            long before = connection.getStatistics().getInMsgs();
            assertThat(presence.members("crowd", 10)).hasSize(10);
            assertThat(connection.getStatistics().getInMsgs() - before)
                    .as("ten, and what tells the end or the time")
                    .isLessThanOrEqualTo(13);
            assertThat(presence.members("crowd", 0)).isEmpty();
            assertThat(presence.members("crowd", 599)).hasSize(599);
            assertThat(presence.members("crowd", Integer.MAX_VALUE)).isEqualTo(all);
            assertThat(presence.count("crowd")).isEqualTo(600);
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsAnyTwoNamesApart(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            KeyValuePresence presence = open(nats.connect());
            String[] names = {"a", "a.b", "a b", "*", ">", "é", "e\u0301", "😀", "y".repeat(128)};

            for (String topic : names) {
                for (String member : names) {
                    presence.put(topic, member, topic + '\0' + member, LONG);
                }
            }

            for (String topic : names) {
                var expected = new HashMap<String, String>();
                for (String member : names) {
                    expected.put(member, topic + '\0' + member);
                }
                assertThat(presence.members(topic, 100)).isEqualTo(expected);
                assertThat(presence.count(topic)).isEqualTo(names.length);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void saysThatTheServersDoNotAnswer(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            KeyValuePresence presence =
                    KeyValuePresence.open(nats.connect(), BUCKET, 1, TIMEOUT.dividedBy(5));

            nats.server().process().freeze();

            assertThatThrownBy(() -> presence.put("room", "ann", "", LONG))
                    .isInstanceOf(BrokerUnavailableException.class);
            assertThatThrownBy(() -> presence.members("room", 10))
                    .isInstanceOf(BrokerUnavailableException.class);
            assertThatThrownBy(() -> presence.count("room"))
                    .isInstanceOf(BrokerUnavailableException.class);
            nats.server().process().thaw();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "CURRENT")
    void refusesAMemberWithoutAName(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            KeyValuePresence presence = open(nats.connect());

            for (String member : new String[] {"", "m".repeat(129)}) {
                assertThatThrownBy(() -> presence.put("room", member, "", LONG))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("length=" + member.length());
            }
        }
    }

    private static long stored(Connection connection, String topic) throws Exception {
        return connection
                .jetStreamManagement()
                .getStreamInfo(
                        "KV_" + BUCKET,
                        StreamInfoOptions.filterSubjects(
                                "$KV." + BUCKET + '.' + SubjectToken.of(topic) + ".>"))
                .getStreamState()
                .getSubjectMap()
                .size();
    }

    private static KeyValuePresence open(Connection connection) {
        return KeyValuePresence.open(connection, BUCKET, 1, TIMEOUT);
    }
}
