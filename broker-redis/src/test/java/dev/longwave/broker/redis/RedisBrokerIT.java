package dev.longwave.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerStatus;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.DeploymentFixture;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.RecordingSink;
import dev.longwave.broker.testing.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Behaviour that is specific to Redis. */
final class RedisBrokerIT extends DeploymentFixture {

    private static RedisServer server;

    @BeforeAll
    static void startServer() {
        server = RedisServer.start(RedisServer.Product.REDIS);
    }

    @AfterAll
    static void closeServer() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected BrokerProvider provider() {
        return new RedisBrokerProvider();
    }

    @Override
    protected Map<String, String> deployment() {
        return Map.of("uri", server.uri(), "timeout", "PT30S");
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of("retention-count", Integer.toString(entries));
    }

    @Test
    void saysThatTheLogWasReplacedAfterAFlush() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        Position old = publishNumbers(node, 1, 3).getLast();
        sink.awaitCount(3);

        server.cli("FLUSHALL");
        publishNumbers(node, 4, 5);

        sink.awaitText("5");
        assertThat(sink.texts()).isEqualTo(numbers(1, 5));
        assertThat(sink.gaps())
                .extracting(RecordingSink.Hole::reason)
                .containsExactly(GapReason.EPOCH_CHANGED);
        assertThat(after(node, old).coverage()).isEqualTo(Coverage.OTHER_EPOCH);
    }

    @Test
    void missesNothingWhenAQuietTopicHasExpired() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        List<Position> positions = publishNumbers(node, 1, 2);
        sink.awaitCount(2);

        server.cli("DEL", tagged() + "log:" + topic);

        assertThat(after(node, positions.getLast()).coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(after(node, positions.getFirst()).coverage()).isEqualTo(Coverage.TRIMMED);
        publishNumbers(node, 3, 3);
        sink.awaitText("3");
        assertThat(sink.gaps()).isEmpty();
        Page page = after(node, positions.getLast());
        assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(RecordingSink.texts(page.entries())).containsExactly("3");
        assertThat(after(node, positions.getFirst()).coverage()).isEqualTo(Coverage.TRIMMED);
    }

    @Test
    void givesLaterPositionsEvenIfTheClockWasPutBackWhileTheLogWasAway() {
        Broker node = createNode();
        Position first = publishNumbers(node, 1, 1).getFirst();
        long future = first.major() + 3_600_000;
        server.cli("DEL", tagged() + "log:" + topic);
        server.cli("SET", tagged() + "last:" + topic, future + "-7");

        List<Position> positions = publishNumbers(node, 2, 3);

        assertThat(positions.getFirst()).isEqualTo(new Position(first.epoch(), future, 9));
        assertThat(positions.getLast()).isEqualTo(new Position(first.epoch(), future, 10));
    }

    @Test
    void tellsOfEventsThatTheLogHasLost() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        List<Position> positions = publishNumbers(node, 1, 3);
        sink.awaitCount(3);

        loseTheLast(positions);
        Position fourth = publishNumbers(node, 4, 4).getFirst();

        sink.awaitText("4");
        assertThat(sink.gaps())
                .extracting(RecordingSink.Hole::reason)
                .containsExactly(GapReason.LOG_LOST);
        for (Position cursor : positions.subList(1, 3)) {
            Page page = after(node, cursor);
            assertThat(page.coverage()).isEqualTo(Coverage.AHEAD_OF_LOG);
            assertThat(page.from().isAfter(positions.get(2))).isTrue();
            assertThat(fourth.isAfter(page.from())).isTrue();
            assertThat(RecordingSink.texts(page.entries())).containsExactly("4");
            assertThat(after(node, page.from()).coverage()).isEqualTo(Coverage.COMPLETE);
        }
        Page behind = after(node, positions.getFirst());
        assertThat(behind.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(RecordingSink.texts(behind.entries())).as("up to the hole").containsExactly("2");
        assertThat(behind.more()).isTrue();
    }

    @Test
    void tellsOfEventsThatTheLogHasLostThoughAnotherNodePublishesNext() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        List<Position> positions = publishNumbers(node, 1, 3);
        sink.awaitCount(3);

        loseTheLast(positions);
        awaitThat("a gap", () -> !sink.gaps().isEmpty());
        publishNumbers(createNode(), 4, 4);

        sink.awaitText("4");
        assertThat(sink.gaps())
                .extracting(RecordingSink.Hole::reason)
                .containsExactly(GapReason.LOG_LOST);
        assertThat(after(node, positions.get(1)).coverage()).isEqualTo(Coverage.AHEAD_OF_LOG);
    }

    /** The state of a replica that did not receive the last entry. */
    private void loseTheLast(List<Position> positions) {
        Position lost = positions.getLast();
        Position left = positions.get(positions.size() - 2);
        server.cli("XDEL", tagged() + "log:" + topic, EntryIds.id(lost));
        server.cli("SET", tagged() + "last:" + topic, EntryIds.id(left));
    }

    @Test
    void findsByTheTailWhatWasNotDeliveredLive() {
        try (var proxy = new FaultProxy(server.port())) {
            // So long that the silent connection is not given up meanwhile.
            Map<String, String> settings =
                    Map.of("uri", "redis://127.0.0.1:" + proxy.port(), "timeout", "PT1M");
            Broker node = createNode(settings);
            var sink = new RecordingSink();
            node.subscribe(topic, sink);

            proxy.blackholeAnswers(PubSubConnections.port(server, "node-1"));
            publishNumbers(node, 1, 1);

            sink.awaitText("1"); // the live message is still held back
        }
    }

    @Test
    void readsEntriesThatWereWrittenWithoutAttributes() {
        Broker node = createNode();
        Position first = publishNumbers(node, 1, 1).getFirst();
        addEntry("p", EntryIds.id(first), "h", "", "d", "2");

        List<Entry> entries = readAll(node, Start.earliest(), null);

        assertThat(RecordingSink.texts(entries)).containsExactly("1", "2");
        assertThat(entries.getLast().message()).isEqualTo(text("2"));
    }

    @Test
    void goesOnAfterForeignEntriesAndMessages() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        Position first = publishNumbers(node, 1, 1).getFirst();
        sink.awaitCount(1);

        addEntry("unknown", "field");
        addEntry("p", "never", "h", "", "d", "x");
        String bad = addEntry("p", EntryIds.id(first), "h", "\4", "d", "2", "a", "no attributes");
        server.cli("SET", tagged() + "last:" + topic, bad);
        for (String message : List.of("", "hello", "a 1-0 2-0 0\n", "z z z z\nz")) {
            server.cli("PUBLISH", tagged() + "live:0:" + topic, message);
        }
        publishNumbers(node, 3, 4);

        sink.awaitText("4");
        assertThat(sink.texts()).isEqualTo(numbers(1, 4));
        assertThat(sink.gaps()).isEmpty();
        assertThat(RecordingSink.texts(readAll(node, Start.earliest(), null)))
                .isEqualTo(numbers(1, 4));
        assertThat(sink.entries().get(1).message()).isEqualTo(text("2"));
    }

    @Test
    void publishesSeveralMessagesInOrderThoughOneTopicFails() {
        Broker node = createNode();
        String broken = topic + "/broken";
        server.cli("SET", "longwave:{" + Keys.bucket(broken) + "}:log:" + broken, "no stream");
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        var publications = new ArrayList<Publication>();
        for (int i = 1; i <= 600; i++) {
            publications.add(
                    Publication.of(topic, i % 2 == 0 ? text("" + i, "id-" + i) : text("" + i)));
            publications.add(Publication.of(broken, text("" + i)));
        }

        List<PublishResult> results = node.publishAll(publications);
        List<PublishResult> again = node.publishAll(publications.subList(0, 4));

        sink.awaitText("600");
        assertThat(sink.texts().subList(0, 600)).isEqualTo(numbers(1, 600));
        for (int i = 0; i < results.size(); i++) {
            boolean fails = publications.get(i).topic().equals(broken);
            assertThat(results.get(i).failure().isPresent()).isEqualTo(fails);
        }
        assertThat(results.getLast().failure().orElseThrow())
                .isInstanceOfSatisfying(
                        BrokerUnavailableException.class, e -> assertThat(e.isNotSent()).isTrue());
        assertThat(results.get(1).failure().orElseThrow())
                .isInstanceOf(BrokerRefusedException.class)
                .hasMessageContaining("WRONGTYPE");
        assertThat(again.get(0).published().orElseThrow().duplicate()).isFalse();
        assertThat(again.get(2).published().orElseThrow().duplicate()).isTrue();
        assertThat(again.get(2).published().orElseThrow().position())
                .isEqualTo(results.get(2).published().orElseThrow().position());
    }

    @Test
    void hasOneDeadlineForAWholeBatch() throws Exception {
        Broker node = createNode(Map.of("timeout", "PT1S"));
        publishNumbers(node, 1, 1);
        var publications = new ArrayList<Publication>();
        for (int i = 0; i < 3000; i++) { // a dozen rounds
            publications.add(Publication.of(topic + '/' + i % 7, text("" + i)));
        }

        server.process().freeze();
        try {
            long begin = System.nanoTime();
            List<PublishResult> results = node.publishAll(publications);

            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isLessThan(Duration.ofSeconds(8));
            assertThat(results)
                    .hasSize(3000)
                    .allMatch(result ->
                            result.failure().orElseThrow() instanceof BrokerUnavailableException);
            assertThat(results.getLast().failure().orElseThrow())
                    .isInstanceOfSatisfying(
                            BrokerUnavailableException.class,
                            e -> assertThat(e.isNotSent()).isTrue());
        } finally {
            server.process().thaw();
        }
    }

    @Test
    void waitsForTheServerWhereNothingWasSent() throws Exception {
        Broker node = createNode();
        publishNumbers(node, 1, 1);

        server.process().kill();
        awaitThat("word of it", () -> states(node).getLast() == BrokerState.DISCONNECTED);
        Future<?> publishing = run(() -> publishNumbers(node, 2, 2)); // without an id
        server.process().restart();

        join(List.of(publishing));
        assertThat(RecordingSink.texts(readAll(node, Start.earliest(), null)))
                .containsExactly("1", "2");
    }

    @Test
    void saysThatNodesKeepEventsDifferently() {
        Map<String, String> settings = Map.of("namespace", "retention");
        Broker node = createNode(settings);
        Broker other = createNode(Map.of("namespace", "retention", "retention-count", "77"));
        other.subscribe(topic, new RecordingSink());

        awaitThat("word of it", () -> states(other).getLast() == BrokerState.DEGRADED);
        assertThat(statuses(other).getLast().reason())
                .contains("retention-count=77")
                .contains("retention-count=10000")
                .contains("node-1");
        node.close();
        server.cli("CLIENT", "KILL", "TYPE", "pubsub"); // which makes it look again
        awaitThat("agreement", () -> states(other).getLast() == BrokerState.CONNECTED);
    }

    @Test
    void skipsForeignEntriesThatNobodyMayPublish() {
        Broker node = createNode(Map.of("max-message-bytes", "100B"));
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        Position first = publishNumbers(node, 1, 1).getFirst();
        sink.awaitCount(1);

        String tooLong = addEntry("p", EntryIds.id(first), "h", "", "d", "x".repeat(101));
        server.cli("SET", tagged() + "last:" + topic, tooLong);
        Position last = publishNumbers(node, 2, 2).getFirst();

        sink.awaitText("2");
        assertThat(sink.texts()).containsExactly("1", "2");
        assertThat(sink.gaps()).isEmpty();
        Page page = after(node, first);
        assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
        assertThat(page.entries()).extracting(Entry::position).containsExactly(last);
    }

    @Test
    void deletesATopicOnAllNodes() {
        Broker node = createNode();
        Broker other = createNode();
        var sink = new RecordingSink();
        other.subscribe(topic, sink);
        List<Position> positions = publishNumbers(node, 1, 3);
        sink.awaitCount(3);

        Position upTo = node.delete(topic);

        assertThat(upTo).isEqualTo(positions.getLast());
        assertThat(readAll(other, Start.earliest(), null)).isEmpty();
        assertThat(server.cli("EXISTS", tagged() + "log:" + topic).strip()).isEqualTo("0");
        assertThat(after(other, positions.getFirst()).coverage()).isEqualTo(Coverage.DELETED);
        assertThat(after(other, upTo).coverage()).isEqualTo(Coverage.COMPLETE);
        Position next = publishNumbers(node, 4, 4).getFirst();
        assertThat(next.isAfter(upTo)).isTrue();
        sink.awaitText("4");
        assertThat(sink.gaps()).isEmpty();
        Page page = after(other, positions.getFirst());
        assertThat(page.coverage()).isEqualTo(Coverage.DELETED);
        assertThat(page.from()).isEqualTo(upTo);
        assertThat(RecordingSink.texts(page.entries())).containsExactly("4");
    }

    @Test
    void leavesNoChannelBehind() {
        Broker node = createNode();
        var subscription = node.subscribe(topic, new RecordingSink());
        assertThat(channels()).contains(topic);

        subscription.close();

        awaitThat("the end of the channel", () -> !channels().contains(topic));
    }

    @Test
    void keepsDatabasesAndNamespacesApart() {
        Broker node = createNode();
        Broker database = createNode(Map.of("uri", server.uri() + "/1"));
        Broker namespace = createNode(Map.of("namespace", "other"));
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        Position elsewhere = publishNumbers(database, 1, 1).getFirst();
        Position inOther = publishNumbers(namespace, 2, 2).getFirst();
        Position here = publishNumbers(node, 3, 3).getFirst();

        sink.awaitText("3");
        assertThat(sink.texts()).containsExactly("3");
        assertThat(List.of(elsewhere.epoch(), inOther.epoch())).doesNotContain(here.epoch());
    }

    @Test
    void connectsAgainAfterItsLiveConnectionWasKilled() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        server.cli("CLIENT", "KILL", "TYPE", "pubsub");
        publishNumbers(node, 1, 1);

        sink.awaitText("1");
        awaitThat("subscription", () -> channels().contains(topic));
        awaitThat("recovery", () -> states(node).getLast() == BrokerState.CONNECTED);
        assertThat(statuses(node))
                .contains(
                        BrokerStatus.disconnected(
                                "no Pub/Sub connection to a server: connection failed"));
    }

    @Test
    void givesUpInTimeToWriteToAServerThatIsFrozen() throws Exception {
        Broker node =
                createNode(
                        Map.of(
                                "timeout",
                                "PT1S",
                                "max-message-bytes",
                                "16MiB",
                                "connections",
                                "4"));
        var data = new byte[16 << 20]; // more than the buffers of both ends
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            messages.add(
                    Message.builder(data)
                            .id("id-" + i)
                            .attribute(Attributes.CONTENT_TYPE, "application/octet-stream")
                            .build());
        }
        publishNumbers(node, 1, 2);

        server.process().freeze();
        List<Future<?>> attempts = new ArrayList<>();
        try {
            for (Message message : messages) {
                attempts.add(run(() -> assertUnavailable(node, message)));
            }
            join(attempts); // while the server is frozen, only the time-out ends them
            awaitThat("its end", () -> states(node).getLast() == BrokerState.DISCONNECTED);
        } finally {
            server.process().thaw();
        }

        awaitThat("recovery", () -> states(node).getLast() == BrokerState.CONNECTED);
        for (Message message : messages) {
            eventually("publish " + message.id())
                    .ignoreExceptionsInstanceOf(BrokerUnavailableException.class)
                    .until(() -> node.publish(topic, message).position() != null);
        }
        assertThat(server.cli("XLEN", tagged() + "log:" + topic).strip()).isEqualTo("10");
    }

    private void assertUnavailable(Broker node, Message message) {
        assertThatThrownBy(() -> node.publish(topic, message))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessageMatching(".*(no answer in time|all connections are in use).*");
    }

    @Test
    void isNotConnectedToAServerThatIsAReplica() {
        Broker node = createNode(Map.of("timeout", "PT1S"));
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        publishNumbers(node, 1, 1);

        server.cli("REPLICAOF", "127.0.0.1", "1");
        try {
            assertThatThrownBy(() -> publishNumbers(node, 2, 2))
                    .isInstanceOfSatisfying(
                            BrokerRefusedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.READ_ONLY))
                    .hasMessageContaining("READONLY");
            awaitThat("word of it", () -> states(node).getLast() == BrokerState.DISCONNECTED);
            int told = states(node).size();
            long subscribed = subscribeCalls();
            awaitThat("another connection", () -> subscribeCalls() > subscribed);
            assertThat(states(node).subList(told, states(node).size()))
                    .doesNotContain(BrokerState.CONNECTED);
        } finally {
            server.cli("REPLICAOF", "NO", "ONE");
        }

        awaitThat("recovery", () -> states(node).getLast() == BrokerState.CONNECTED);
        publishNumbers(node, 2, 2);
        sink.awaitText("2");
        assertThat(sink.texts()).isEqualTo(numbers(1, 2));
    }

    @Test
    void noticesThatItsServerBecameAReplicaThoughNobodyPublishes() {
        Broker node = createNode();

        server.cli("REPLICAOF", "127.0.0.1", "1");
        try {
            awaitThat("word of it", () -> states(node).getLast() == BrokerState.DISCONNECTED);
        } finally {
            server.cli("REPLICAOF", "NO", "ONE");
        }

        awaitThat("recovery", () -> states(node).getLast() == BrokerState.CONNECTED);
    }

    @Test
    void saysHowSafeTheServerIs() {
        assertThat(createNode().publish(topic, text("1")).durability())
                .isEqualTo(Durability.FLUSHED);
        try (RedisServer everySecond =
                        RedisServer.start(RedisServer.Product.REDIS, "--appendfsync", "everysec");
                RedisServer forgetful =
                        RedisServer.start(RedisServer.Product.REDIS, "--appendonly", "no")) {
            assertThat(durability(everySecond)).isEqualTo(Durability.STORED);
            assertThat(durability(forgetful)).isEqualTo(Durability.MEMORY);
        }
    }

    @Test
    void refusesAServerThatEvicts() {
        try (RedisServer evicting =
                RedisServer.start(
                        RedisServer.Product.REDIS,
                        "--maxmemory",
                        "100mb",
                        "--maxmemory-policy",
                        "volatile-lru")) {
            assertThatThrownBy(() -> createNode(Map.of("uri", evicting.uri())))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("noeviction");
        }
    }

    @Test
    void readsALoginInItsUri() {
        server.cli("ACL", "SETUSER", "ann", "on", ">s:e@c", "~*", "&*", "+@all");

        Broker node = createNode(Map.of("uri", "redis://ann:s%3Ae%40c@127.0.0.1:" + server.port()));

        publishNumbers(node, 1, 1);
        assertThat(server.cli("CLIENT", "LIST")).contains("user=ann");
    }

    @Test
    void saysThatNobodyIsThere() {
        Map<String, String> settings =
                Map.of("uri", "redis://:hidden@127.0.0.1:1", "timeout", "PT1S");
        assertThatThrownBy(() -> createNode(settings))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessageContaining("server=redis://127.0.0.1:1/0")
                .hasMessageNotContaining("hidden");
    }

    private String tagged() {
        return "longwave:{" + Keys.bucket(topic) + "}:";
    }

    private String addEntry(String... fields) {
        var command = new ArrayList<>(List.of("XADD", tagged() + "log:" + topic, "*"));
        command.addAll(List.of(fields));
        return server.cli(command.toArray(String[]::new)).strip();
    }

    private Page after(Broker node, Position position) {
        return node.history(topic, Start.after(position), null, 100, ALL);
    }

    private Durability durability(RedisServer other) {
        return createNode(Map.of("uri", other.uri())).publish(topic, text("1")).durability();
    }

    /** {@return the number of SUBSCRIBE calls; a connection may be gone before it is listed} */
    private long subscribeCalls() {
        return server.cli("INFO", "commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_subscribe:"))
                .map(line -> line.replaceFirst(".*:calls=(\\d+).*", "$1"))
                .mapToLong(Long::parseLong)
                .sum();
    }

    private String channels() {
        return server.cli("PUBSUB", "CHANNELS");
    }
}
