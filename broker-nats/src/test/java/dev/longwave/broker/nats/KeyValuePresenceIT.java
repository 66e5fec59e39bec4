package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Presence.Member;
import dev.longwave.broker.testing.NatsCluster;
import dev.longwave.broker.testing.NatsServer.Generation;
import io.nats.client.Connection;
import io.nats.client.api.StreamInfoOptions;
import io.nats.client.impl.Headers;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class KeyValuePresenceIT {

    private static final String BUCKET = "presence-test";
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final Duration LONG_TIMEOUT = Duration.ofMinutes(2); // a watchdog
    private static final Duration SHORT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration LONG = Duration.ofHours(1);

    @ParameterizedTest
    @EnumSource
    void showsAllMembersToAllNodes(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            KeyValuePresence here = open(nats.connect());
            KeyValuePresence there = open(nats.connect());

            here.put("room", Member.of("ann", "Ann"), LONG);
            there.put("room", Member.of("ben", "Ben"), LONG);
            here.put("room", Member.of("ben", "Benjamin"), LONG);
            here.put("room/other", Member.of("cem", ""), LONG);

            assertThat(there.members("room", 10))
                    .containsExactlyInAnyOrder(
                            Member.of("ann", "Ann"), Member.of("ben", "Benjamin"));
            assertThat(here.count("room")).isEqualTo(2);
            assertThat(here.members("room/other", 10)).containsExactly(Member.of("cem", ""));
            assertThat(here.members("nowhere", 10)).isEmpty();
            assertThat(here.count("nowhere")).isZero();

            there.remove("room", "ann");
            there.remove("room", "nobody");

            assertThat(here.members("room", 10)).containsExactly(Member.of("ben", "Benjamin"));
            assertThat(here.count("room")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void showsMembersAtOnceToAllNodesOfACluster(Generation generation) throws Exception {
        try (var cluster = NatsCluster.start(generation)) {
            var clients = cluster.servers().stream().map(NatsClients::of).toList();
            var nodes = new ArrayList<KeyValuePresence>();
            for (NatsClients each : clients) {
                nodes.add(KeyValuePresence.open(each.connect(), BUCKET, 3, TIMEOUT));
            }

            for (int i = 1; i <= 100; i++) {
                nodes.get(i % 3).put("room", Member.of("member " + i, ""), LONG);
                assertThat(nodes.get((i + 1) % 3).count("room")).isEqualTo(i);
                assertThat(nodes.get((i + 2) % 3).members("room", 200)).hasSize(i);
            }
            clients.forEach(NatsClients::close);
        }
    }

    @ParameterizedTest
    @EnumSource
    void forgetsMembersThatDoNotRenew(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            Connection connection = nats.connect();
            KeyValuePresence presence = open(connection);
            presence.put("room", Member.of("gone", ""), Duration.ofMillis(500));
            presence.put("room", Member.of("renewed", ""), Duration.ofMillis(500));
            presence.put("room", Member.of("renewed", "again"), LONG);

            await().atMost(LONG_TIMEOUT).until(() -> presence.count("room") == 1);

            assertThat(presence.members("room", 10)).containsExactly(Member.of("renewed", "again"));
            await("removal from the server")
                    .atMost(LONG_TIMEOUT)
                    .until(() -> stored(connection, "room") == 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsNoMoreThanIsAskedFor(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            Connection connection = nats.connect();
            KeyValuePresence presence = open(connection);
            var all = new ArrayList<Member>();
            for (int i = 0; i < 600; i++) {
                presence.put("crowd", Member.of("member " + i, "info " + i), LONG);
                all.add(Member.of("member " + i, "info " + i));
            }
            presence.put("other", Member.of("member", ""), LONG);

            long before = connection.getStatistics().getInMsgs();
            assertThat(presence.members("crowd", 10)).hasSize(10);
            assertThat(connection.getStatistics().getInMsgs() - before)
                    .as("ten members, their keys, and the time")
                    .isLessThanOrEqualTo(13);
            assertThat(presence.members("crowd", 0)).isEmpty();
            assertThat(presence.members("crowd", 599)).hasSize(599);
            assertThat(presence.members("crowd", Integer.MAX_VALUE))
                    .containsExactlyInAnyOrderElementsOf(all);
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
                    presence.put(topic, Member.of(member, topic + '\0' + member), LONG);
                }
            }

            for (String topic : names) {
                var expected = new ArrayList<Member>();
                for (String member : names) {
                    expected.add(Member.of(member, topic + '\0' + member));
                }
                assertThat(presence.members(topic, 100))
                        .containsExactlyInAnyOrderElementsOf(expected);
                assertThat(presence.count(topic)).isEqualTo(names.length);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void saysThatTheServersDoNotAnswer(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            KeyValuePresence presence =
                    KeyValuePresence.open(nats.connect(), BUCKET, 1, SHORT_TIMEOUT);

            nats.server().process().freeze();

            assertThatThrownBy(() -> presence.put("room", Member.of("ann", ""), LONG))
                    .isInstanceOf(BrokerUnavailableException.class);
            assertThatThrownBy(() -> presence.members("room", 10))
                    .isInstanceOf(BrokerUnavailableException.class);
            assertThatThrownBy(() -> presence.count("room"))
                    .isInstanceOf(BrokerUnavailableException.class);
            nats.server().process().thaw();
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavesOutEntriesOfOtherApplications(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            Connection connection = nats.connect();
            KeyValuePresence presence = open(connection);
            presence.put("room", Member.of("ann", "Ann"), LONG);
            String room = "$KV." + BUCKET + '.' + SubjectToken.of("room") + '.';
            var headers = new Headers();
            headers.put("Longwave-Lease-Millis", "soon");

            connection
                    .jetStream(Streams.LONG_TIMEOUT)
                    .publish(room + "=not=a=token=", new byte[] {1});
            connection
                    .jetStream(Streams.LONG_TIMEOUT)
                    .publish(room + SubjectToken.of("m".repeat(129)), new byte[0]);
            connection
                    .jetStream(Streams.LONG_TIMEOUT)
                    .publish(room + SubjectToken.of("ben"), headers, new byte[0]);

            assertThat(presence.members("room", 10))
                    .containsExactlyInAnyOrder(Member.of("ann", "Ann"), Member.of("ben", ""));
        }
    }

    private static long stored(Connection connection, String topic) throws Exception {
        return connection
                .jetStreamManagement(Streams.LONG_TIMEOUT)
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
