package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.RecordingSink;
import dev.longwave.broker.Settings;
import dev.longwave.broker.Start;
import dev.longwave.broker.TestClock;
import dev.longwave.broker.testing.NatsServer;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.PersistMode;
import io.nats.client.api.StreamConfiguration;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is particular to this broker. */
final class NatsBrokerIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final @Nullable Position NO_BOUND = null;
    private static final int ALL = Integer.MAX_VALUE;

    private static NatsServer server;

    private final List<Broker> brokers = new ArrayList<>();
    private final Queue<BrokerState> states = new ConcurrentLinkedQueue<>();
    private String name = "";

    @BeforeAll
    static void startServer() {
        server = NatsServer.start(NatsServer.Generation.CURRENT);
    }

    @AfterAll
    static void closeServer() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void nameTheStream(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName();
    }

    @AfterEach
    void close() {
        brokers.forEach(Broker::close);
        Streams.deleteAll(server.uri(), name);
    }

    // The stream

    @Test
    void createsTheStreamAndFindsItAgain() {
        Position position = create(Map.of()).publish("topic", text("1")).position();

        Broker again = create(Map.of());

        assertThat(again.publish("topic", text("2")).position())
                .isEqualTo(new Position(position.epoch(), position.major() + 1));
    }

    @Test
    void refusesAStreamThatIsNotAsTheSettingsSayAndLeavesItAsItIs() {
        create(Map.of());
        StreamConfiguration before = configuration();

        assertThatThrownBy(() ->
                        create(
                                Map.of(
                                        "retention-count", "5",
                                        "retention-age", "PT1H",
                                        "prefix", "other")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("stream=" + name)
                .hasMessageContaining("retention-count: wanted 5, is 10000")
                .hasMessageContaining("retention-age: wanted PT1H, is PT24H")
                .hasMessageContaining("setting prefix: wanted [other.events.>]")
                .hasMessageNotContaining("replicas:");
        assertThat(configuration().toJson()).isEqualTo(before.toJson());
    }

    @Test
    void refusesMoreReplicasThanThereAreServers() {
        assertThatThrownBy(() -> create(Map.of("replicas", "3")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("replicas=3");
    }

    @Test
    void refusesMessagesLongerThanTheServerTakes() {
        assertThatThrownBy(() -> create(Map.of("max-message-bytes", "1MiB")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("max_payload=1048576");
    }

    @Test
    void tellsOfTheLossAndGoesOnIfSomebodyDeletesTheStream() {
        Broker broker = create(Map.of());
        var sink = new RecordingSink();
        broker.subscribe("topic", sink);
        broker.publish("topic", text("1"));
        sink.awaitText("1");

        Streams.delete(server.uri(), name);
        await("the new stream")
                .atMost(PATIENCE)
                .pollInSameThread()
                .ignoreExceptionsInstanceOf(BrokerUnavailableException.class)
                .until(() -> broker.publish("topic", text("2", "two")) != null);

        sink.awaitText("2");
        broker.publish("topic", text("3"));
        sink.awaitText("3");
        assertThat(sink.gaps())
                .extracting(RecordingSink.Hole::reason)
                .contains(GapReason.EPOCH_CHANGED);
    }

    // Streams that remove events early

    @Test
    void tellsOfEventsThatMaxBytesRemovedWhenALaterOneArrives() {
        Map<String, String> bounded = Map.of("max-bytes", "64KiB", "resync-period", "PT1M");
        Broker publisher = create(bounded);
        try (var proxy = new MessageLossProxy(server.port())) {
            Broker reader = create(with(bounded, "servers", proxy.uri()));
            var sink = new RecordingSink();
            reader.subscribe("topic", sink);
            Position first = publisher.publish("topic", text("1")).position();
            sink.awaitText("1");

            proxy.lose(name + ".live.");
            Position lost = publisher.publish("topic", text("2")).position();
            overflow(publisher);
            proxy.heal();
            publisher.publish("topic", text("3"));

            sink.awaitText("3");
            assertThat(sink.texts()).containsExactly("1", "3");
            assertThat(sink.gaps()).singleElement().satisfies(gap -> {
                assertThat(gap.after()).isEqualTo(first);
                assertThat(gap.before().isAfter(lost) || gap.before().equals(lost)).isTrue();
                assertThat(gap.reason()).isEqualTo(GapReason.EXPIRED);
            });
            closeBrokers();
        }
    }

    @Test
    void tellsOfEventsThatMaxBytesRemovedWhenNoneIsLeft() {
        Map<String, String> bounded = Map.of("max-bytes", "64KiB", "resync-period", "PT1M");
        Broker publisher = create(bounded);
        try (var proxy = new MessageLossProxy(server.port())) {
            Broker reader = create(with(bounded, "servers", proxy.uri()));
            var sink = new RecordingSink();
            reader.subscribe("topic", sink);

            proxy.lose(name + ".live.");
            Position lost = publisher.publish("topic", text("1")).position();
            overflow(publisher);
            proxy.heal();
            checkTailsNow("topic");

            await("the gap").atMost(PATIENCE).until(() -> !sink.gaps().isEmpty());
            assertThat(sink.gaps()).singleElement().satisfies(gap -> {
                assertThat(gap.before().isAfter(lost)).isTrue();
                assertThat(gap.reason()).isEqualTo(GapReason.EXPIRED);
            });
            publisher.publish("topic", text("2"));
            sink.awaitText("2");
            assertThat(sink.gaps()).hasSize(1);
            closeBrokers();
        }
    }

    @Test
    void tellsOfNoGapInATopicThatIsNewInABusyStreamWithMaxBytes() {
        Broker broker = create(Map.of("max-bytes", "64KiB", "resync-period", "PT0.2S"));
        overflow(broker);
        var sink = new RecordingSink();
        broker.subscribe("topic", sink);
        for (int i = 0; i < 20; i++) {
            broker.publish("other", text("" + i));
        }

        broker.publish("topic", text("1"));
        broker.publish("topic", text("2"));

        sink.awaitText("2");
        assertThat(sink.texts()).containsExactly("1", "2");
        assertThat(sink.gaps()).isEmpty();
    }

    @Test
    void noticesThatAnOperatorBoundsTheStreamWhileItIsInUse() {
        Map<String, String> settings = Map.of("resync-period", "PT1M");
        Broker publisher = create(settings);
        try (var proxy = new MessageLossProxy(server.port());
                var log = LogCapture.open()) {
            Broker reader = create(with(settings, "servers", proxy.uri()));
            var sink = new RecordingSink();
            reader.subscribe("topic", sink);
            publisher.publish("topic", text("1"));
            sink.awaitText("1");

            change(StreamConfiguration.builder(configuration()).maxBytes(64 << 10).build());
            checkTailsNow("topic");
            await("the warning")
                    .atMost(PATIENCE)
                    .until(() -> log.text().contains("max_bytes, setting max-bytes: wanted -1, is 65536"));
            proxy.lose(name + ".live.");
            publisher.publish("topic", text("2"));
            overflow(publisher);
            proxy.heal();
            publisher.publish("topic", text("3"));

            sink.awaitText("3");
            assertThat(sink.gaps())
                    .extracting(RecordingSink.Hole::reason)
                    .containsExactly(GapReason.EXPIRED);
            closeBrokers();
        }
    }

    static Stream<Arguments> streamsThatRemoveEventsWithoutAWord() {
        return Stream.of(
                change("max_msgs", builder -> builder.maxMessages(100)),
                change("max_msg_size", builder -> builder.maximumMessageSize(100)),
                change("discard", builder -> builder.discardPolicy(DiscardPolicy.New)),
                change("allow_rollup_hdrs", builder -> builder.allowRollup(true)),
                change("allow_msg_ttl", builder -> builder.allowMessageTtl()),
                change("max_bytes, setting max-bytes", builder -> builder.maxBytes(65536)),
                change("persist_mode", builder -> builder.persistMode(PersistMode.Async)));
    }

    private static Arguments change(String key, UnaryOperator<StreamConfiguration.Builder> change) {
        return Arguments.of(key, change);
    }

    @ParameterizedTest
    @MethodSource("streamsThatRemoveEventsWithoutAWord")
    void refusesAStreamOfAnOperator(
            String key, UnaryOperator<StreamConfiguration.Builder> change) {
        create(Map.of());
        closeBrokers();
        StreamConfiguration configuration = configuration();
        Streams.delete(server.uri(), name);
        Streams.connected(
                server.uri(),
                connection ->
                        connection
                                .jetStreamManagement()
                                .addStream(
                                        change.apply(StreamConfiguration.builder(configuration))
                                                .build()));

        assertThatThrownBy(() -> create(Map.of()))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining(key + ": wanted ")
                .hasMessageContaining("stream=" + name);
    }

    /** Publishes more than 64 KiB to another topic. */
    private static void overflow(Broker publisher) {
        for (int i = 0; i < 10; i++) {
            publisher.publish("other", Message.of(new byte[16 << 10]));
        }
    }

    /** Has readers of {@code topic} check its tail: what they cannot understand makes them. */
    private void checkTailsNow(String topic) {
        Streams.connected(
                server.uri(),
                connection -> {
                    connection.publish(name + ".live." + topic, bytes("not from the stream"));
                    connection.flush(PATIENCE);
                    return true;
                });
    }

    private void change(StreamConfiguration configuration) {
        Streams.connected(
                server.uri(),
                connection -> connection.jetStreamManagement().updateStream(configuration));
    }

    private static Map<String, String> with(
            Map<String, String> settings, String key, String value) {
        var all = new HashMap<>(settings);
        all.put(key, value);
        return all;
    }

    // Others on the same servers

    @Test
    void handsOutWhatOthersPublishToTheStream() {
        Broker broker = create(Map.of());
        var sink = new RecordingSink();
        broker.subscribe("jobs/17", sink);

        Streams.connected(
                server.uri(),
                connection ->
                        connection
                                .jetStream()
                                .publish(name + ".events.jobs.17", bytes("from elsewhere")));

        sink.awaitText("from elsewhere");
    }

    @Test
    void leavesOutWhatOthersSayOnTheSubjectsOfWhatIsLive() {
        Broker broker = create(Map.of());
        var sink = new RecordingSink();
        broker.subscribe("topic", sink);

        Streams.connected(
                server.uri(),
                connection -> {
                    connection.publish(name + ".live.topic", bytes("forged"));
                    connection.flush(PATIENCE);
                    return true;
                });
        broker.publish("topic", text("1"));

        sink.awaitText("1");
        assertThat(sink.texts()).containsExactly("1");
    }

    // History

    @Test
    void readsLongHistoryInOnePage() {
        Broker broker = create(Map.of());
        for (int i = 0; i < 3000; i++) {
            broker.publish(i % 3 == 0 ? "topic" : "other", text("" + i));
        }

        Page page = broker.history("topic", new Start.Earliest(), NO_BOUND, ALL, ALL);

        assertThat(RecordingSink.texts(page.entries()))
                .isEqualTo(IntStream.range(0, 1000).mapToObj(i -> "" + 3 * i).toList());
        assertThat(page.more()).isFalse();
    }

    @Test
    void findsTheLastOnesOfATopicThatWasBusyLongAgo() {
        Broker broker = create(Map.of());
        publish(broker, "topic", 0, 400);
        publish(broker, "other", 0, 800);
        publish(broker, "topic", 400, 405);

        for (int count : List.of(1, 2, 5, 6, 50, 404, 405, 500)) {
            Page page = broker.history("topic", new Start.Last(count), NO_BOUND, ALL, ALL);

            assertThat(RecordingSink.texts(page.entries()))
                    .isEqualTo(
                            IntStream.range(Math.max(0, 405 - count), 405)
                                    .mapToObj(i -> "" + i)
                                    .toList());
            assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
        }
    }

    @Test
    void endsAPageBeforeTheBytesAreTooMany() {
        Broker broker = create(Map.of());
        for (int i = 0; i < 20; i++) {
            broker.publish("topic", Message.of(new byte[100_000]));
        }

        Page page = broker.history("topic", new Start.Earliest(), NO_BOUND, ALL, 1_000_000);

        assertThat(page.entries()).hasSize(10);
        assertThat(page.more()).isTrue();
    }

    // Reaching the servers

    @Test
    void saysThatNobodyIsThereWithoutTellingThePassword() {
        assertThatThrownBy(() -> create(Map.of("servers", "nats://ann:secret@127.0.0.1:1")))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessageContaining("servers=127.0.0.1:1")
                .hasMessageNotContaining("secret");
    }

    @Test
    void takesTheServerThatIsThere() {
        Broker broker = create(Map.of("servers", "nats://127.0.0.1:1," + server.uri()));

        assertThat(broker.publish("topic", text("1")).duplicate()).isFalse();
    }

    @Test
    void needsNoMorePermissionsThanItsDocumentationSays() {
        String permissions =
                """
                users: [ { user: ann, password: secret, permissions: {
                    publish: ["@.events.>", "$KV.@_claims.>", "$KV.@_presence.>", "$JS.API.>"]
                    subscribe: ["@.live.>", "_INBOX.>"]
                } } ]
                """
                        .replace("@", name);
        try (NatsServer guarded = guarded(permissions)) {
            Broker broker =
                    createWith(
                            Map.of(
                                    "servers", guarded.uri(),
                                    "user", "ann",
                                    "password", "secret"));
            var sink = new RecordingSink();
            broker.subscribe("topic", sink);
            broker.publish("topic", text("1"));

            sink.awaitText("1");
            assertThat(broker.history("topic", new Start.Last(1), NO_BOUND, ALL, ALL).entries())
                    .hasSize(1);
            assertThat(broker.claim("key", Duration.ofMinutes(1))).isTrue();
            broker.presence().orElseThrow().put("topic", "ann", "Ann", Duration.ofMinutes(1));
            assertThat(broker.presence().orElseThrow().count("topic")).isEqualTo(1);
            closeBrokers();
        }
    }

    @Test
    void leavesNothingOnTheServerOnceNobodyIsInterested() {
        Broker broker = create(Map.of());
        int before = subscriptions();
        var interest = new ArrayList<Broker.Subscription>();
        for (int i = 0; i < 100; i++) {
            interest.add(broker.subscribe("topic/" + i, new RecordingSink()));
        }
        assertThat(subscriptions()).isEqualTo(before + 100);

        interest.forEach(Broker.Subscription::close);

        await("the end of interest")
                .atMost(PATIENCE)
                .pollInSameThread()
                .until(() -> subscriptions() == before);
    }

    private static int subscriptions() {
        String all = server.monitoring("/connz?subs=1");
        return all.split("\\.live\\.", -1).length - 1;
    }

    private static NatsServer guarded(String authorization) {
        return NatsServer.start(
                NatsServer.Generation.CURRENT, "authorization { " + authorization + " }");
    }

    private StreamConfiguration configuration() {
        return Streams.connected(
                server.uri(),
                connection ->
                        connection.jetStreamManagement().getStreamInfo(name).getConfiguration());
    }

    private static void publish(Broker broker, String topic, int from, int to) {
        for (int i = from; i < to; i++) {
            broker.publish(topic, text("" + i));
        }
    }

    private static Message text(String text) {
        return Message.of(bytes(text));
    }

    private static Message text(String text, String id) {
        return new Message(id, null, null, bytes(text), false);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** {@return a broker with these settings, and those that every test has} */
    private Broker create(Map<String, String> settings) {
        var all = new HashMap<>(Map.of("servers", server.uri()));
        all.putAll(settings);
        return createWith(all);
    }

    private Broker createWith(Map<String, String> settings) {
        var values = new HashMap<String, String>();
        values.put("broker.nats.stream", name);
        values.put("broker.nats.prefix", name);
        values.put("broker.nats.timeout", "PT2S");
        settings.forEach((key, value) -> values.put("broker.nats." + key, value));
        Broker broker =
                new NatsBrokerProvider()
                        .create(
                                new BrokerContext(
                                        "node",
                                        new Settings(values).section("broker.nats"),
                                        new TestClock(),
                                        states::add));
        brokers.add(broker);
        return broker;
    }

    private void closeBrokers() {
        brokers.forEach(Broker::close);
        brokers.clear();
    }
}
