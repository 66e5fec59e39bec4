package dev.longwave.broker.postgres;

import static dev.longwave.broker.testing.RecordingSink.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.DeploymentFixture;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.PostgresServer;
import dev.longwave.broker.testing.RecordingSink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What operators do to a database that nodes use: readers receive what they miss, or are told of a
 * gap, and receive what was written since. Each reader is connected all the time, or was away, or
 * comes to a node that is new.
 */
final class RestoreIT extends DeploymentFixture {

    private static final int COPIED = 5; // events in the copy
    private static final int LOST = 4; // events after it

    /** How many events an application writes as soon as the copy is back, per topic. */
    private static final List<Integer> REWRITTEN = List.of(0, 1, LOST, 12);

    private static PostgresServer server;

    private final Map<Integer, RecordingSink> connected = new HashMap<>();
    private final Map<Integer, List<Position>> positions = new HashMap<>();

    /** A way to lose the newest events. */
    enum Way {
        COLD_COPY {
            @Override
            Runnable copy() {
                Path copy = server.copyCold();
                return () -> server.putBack(copy);
            }
        },
        BACKUP_WHILE_RUNNING {
            @Override
            Runnable copy() {
                Path copy = server.backUp();
                return () -> server.putBack(copy);
            }
        },
        DUMP_INTO_THE_SAME_SERVER {
            @Override
            Runnable copy() {
                Path dump = server.dump("longwave");
                return () -> server.restore("longwave", dump);
            }
        },
        ROWS_DELETED {
            @Override
            Runnable copy() {
                return () ->
                        server.psql(
                                """
                                DELETE FROM longwave.event WHERE seq > %d;
                                UPDATE longwave.topic t SET seq = %d, at = e.at
                                FROM longwave.event e WHERE e.topic_id = t.id AND e.seq = %d
                                """
                                        .formatted(COPIED, COPIED, COPIED));
            }
        };

        /** Makes a copy. {@return what puts it back} */
        abstract Runnable copy();
    }

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start();
        server.psql("CREATE ROLE longwave LOGIN; GRANT CREATE ON DATABASE postgres TO longwave");
    }

    @AfterAll
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected BrokerProvider provider() {
        return new PostgresBrokerProvider();
    }

    @Override
    protected Map<String, String> deployment() {
        return settings(server.jdbcUrl());
    }

    private static Map<String, String> settings(String url) {
        return Map.of("url", url, "user", "longwave", "resync-period", "PT0.5S");
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of();
    }

    @ParameterizedTest
    @EnumSource
    void tellsWhatALogHasLost(Way way) {
        Broker node = createNode();
        publishWhatIsKept(node);
        Runnable putBack = way.copy();
        publishWhatGetsLost(node);

        putBack.run();

        rewrite(server);
        assertTold(server.jdbcUrl());
    }

    @Test
    void tellsWhatAPromotedReplicaHasNotReceived() {
        try (var replication = new FaultProxy(server.port())) {
            Broker kept = createNode();
            publishWhatIsKept(kept);
            kept.close();
            try (PostgresServer replica = server.startReplica(replication.port())) {
                String url =
                        "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/postgres"
                                .formatted(server.port(), replica.port());
                Broker node = createNode(Map.of("url", url, "listen-url", url));
                connect(node);
                awaitThat("replication", () -> hasAll(replica));
                replication.refuse();
                publishWhatGetsLost(node);

                server.process().kill();
                replica.promote();

                rewrite(replica);
                assertTold(url);
            } finally {
                server.process().restart();
            }
        }
    }

    /** A replica that has all events takes over: nobody need notice. */
    @Test
    void goesOnWithoutAGapWithAReplicaThatHasAllEvents() {
        try (PostgresServer replica = server.startReplica(server.port())) {
            String url =
                    "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/postgres"
                            .formatted(server.port(), replica.port());
            Broker node = createNode(Map.of("url", url, "listen-url", url));
            var sink = new RecordingSink();
            node.subscribe(topic, sink);
            Position last = publishNumbers(node, 1, 5).getLast();
            awaitThat(
                    "replication",
                    () ->
                            replica.psql(
                                            "SELECT count(*) FROM longwave.topic WHERE name = '"
                                                    + topic
                                                    + "' AND seq = 5")
                                    .equals("1"));
            try {
                server.process().kill();
                replica.promote();

                replica.psql("SELECT longwave.longwave_publish('%s', NULL, '6')".formatted(topic));
                sink.awaitText("6");
                assertThat(sink.texts()).isEqualTo(numbers(1, 6));
                assertThat(sink.gaps()).isEmpty();
                Page page = page(node, topic, last);
                assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
                assertThat(texts(page.entries())).containsExactly("6");
            } finally {
                server.process().restart();
            }
        }
    }

    @Test
    void tellsOfTablesThatWereEmptied() {
        Broker node = createNode();
        publishWhatIsKept(node);
        publishWhatGetsLost(node);

        server.psql("TRUNCATE longwave.topic, longwave.event, longwave.dedupe");

        rewrite(server);
        assertTold(server.jdbcUrl());
    }

    @Test
    void tellsOfEventsThatWereRemovedUnderTheirCounter() {
        Broker node = createNode();
        publishWhatIsKept(node);

        server.psql("TRUNCATE longwave.event");
        rewrite(server);

        for (Broker each : List.of(node, createNode())) {
            Page all = page(each, name(1), published(1).getLast());
            Page missed = page(each, name(1), published(1).getFirst());
            assertThat(all.coverage()).as("for a reader who had all").isEqualTo(Coverage.COMPLETE);
            assertThat(missed.coverage()).isEqualTo(Coverage.AHEAD_OF_LOG);
            assertThat(texts(all.entries())).containsExactly("app1");
            assertThat(texts(missed.entries())).containsExactly("app1");
        }
        reader(1).awaitText("app1");
        assertThat(reader(1).gaps()).isEmpty();
    }

    private RecordingSink reader(int rewritten) {
        return Objects.requireNonNull(connected.get(rewritten));
    }

    private List<Position> published(int rewritten) {
        return Objects.requireNonNull(positions.get(rewritten));
    }

    private String name(int rewritten) {
        return topic + '/' + rewritten;
    }

    private void publishWhatIsKept(Broker node) {
        connect(node);
        publish(node, 1, COPIED);
    }

    private void connect(Broker node) {
        for (int each : REWRITTEN) {
            var sink = new RecordingSink();
            node.subscribe(name(each), sink);
            connected.put(each, sink);
            positions.putIfAbsent(each, new ArrayList<>());
        }
    }

    private void publishWhatGetsLost(Broker node) {
        eventually("a connection")
                .ignoreExceptions()
                .until(() -> node.publish(topic + "/ready", text("ready")) != null);
        publish(node, COPIED + 1, COPIED + LOST);
        connected.forEach((_, sink) -> sink.awaitText(Integer.toString(COPIED + LOST)));
    }

    private void publish(Broker node, int from, int to) {
        for (int each : REWRITTEN) {
            for (int i = from; i <= to; i++) {
                published(each).add(node.publish(name(each), text(Integer.toString(i))).position());
            }
        }
    }

    private void rewrite(PostgresServer at) {
        for (int each : REWRITTEN) {
            at.psql(
                    "SELECT count(longwave.longwave_publish('%s', NULL, 'app' || i)) FROM generate_series(1, %d) i"
                            .formatted(name(each), each));
        }
    }

    private boolean hasAll(PostgresServer replica) {
        String found =
                replica.psql(
                        "SELECT count(*) FROM longwave.topic WHERE name LIKE '%s/%%' AND seq = %d"
                                .formatted(topic, COPIED));
        return found.equals(Integer.toString(REWRITTEN.size()));
    }

    private void assertTold(String url) {
        for (int each : REWRITTEN) {
            assertConnectedReaderIsTold(each);
        }
        Broker fresh = createNode(Map.of("url", url, "listen-url", url));
        for (int each : REWRITTEN) {
            Position last = published(each).getLast();
            Page page = page(fresh, name(each), last);
            assertThat(page.coverage()).as(name(each)).isEqualTo(Coverage.AHEAD_OF_LOG);
            assertThat(texts(page.entries())).as(name(each)).isEqualTo(apps(each));
            Page rest = page(fresh, name(each), page.end());
            assertThat(rest.coverage()).isEqualTo(Coverage.COMPLETE);
            assertThat(rest.entries()).isEmpty();
        }
    }

    private void assertConnectedReaderIsTold(int rewritten) {
        RecordingSink sink = reader(rewritten);
        eventually("word of the loss").until(() -> !sink.gaps().isEmpty());
        if (rewritten > 0) {
            sink.awaitText("app" + rewritten);
        }
        List<String> all =
                Stream.concat(
                                sink.texts().stream().filter(text -> !text.startsWith("app")),
                                apps(rewritten).stream())
                        .toList();
        assertThat(sink.texts()).as(name(rewritten)).isEqualTo(all);
        assertThat(sink.gaps()).as(name(rewritten)).hasSize(1);
        RecordingSink.Hole gap = sink.gaps().getFirst();
        assertThat(gap.reason()).isEqualTo(GapReason.LOG_LOST);
        assertThat(gap.after()).isEqualTo(published(rewritten).getLast());
        assertThat(gap.entriesBefore()).isEqualTo(all.size() - rewritten);
        sink.assertCalledProperly();
    }

    private static List<String> apps(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> "app" + i).toList();
    }

    private static Page page(Broker node, String name, Position after) {
        return eventually("a page")
                .ignoreExceptions()
                .until(
                        () -> node.history(name, Start.after(after), null, 100, ALL),
                        page -> page != null);
    }
}
