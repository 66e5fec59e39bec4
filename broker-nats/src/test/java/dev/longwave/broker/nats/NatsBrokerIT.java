package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.NatsServer;
import dev.longwave.broker.testing.RecordingSink;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.PersistMode;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is particular to this broker. */
final class NatsBrokerIT extends StreamFixture {

    // The stream

    @Test
    void createsTheStreamAndFindsItAgain() {
        Position position = createNode().publish("topic", text("1")).position();

        Broker again = createNode();

        assertThat(again.publish("topic", text("2")).position())
                .isEqualTo(new Position(position.epoch(), position.major() + 1));
    }

    @Test
    void refusesAStreamThatIsNotWhatTheSettingsSayAndDoesNotChangeIt() {
        createNode();
        StreamConfiguration before = configuration();

        assertThatThrownBy(() ->
                        createNode(
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
        assertThatThrownBy(() -> createNode(Map.of("replicas", "3")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("replicas=3");
    }

    @Test
    void refusesMessagesLongerThanTheServerAccepts() {
        assertThatThrownBy(() -> createNode(Map.of("max-message-bytes", "1MiB")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("max_payload=1048576");
    }

    @Test
    void reportsTheLossAndContinuesIfAnOperatorDeletesTheStream() {
        Broker broker = createNode();
        var sink = new RecordingSink();
        broker.subscribe("topic", sink);
        broker.publish("topic", text("1"));
        sink.awaitText("1");

        Streams.delete(server.uri(), name);
        await("the new stream")
                .atMost(TIMEOUT)
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
    void reportsEventsThatMaxBytesRemovedWhenALaterOneArrives() {
        Map<String, String> bounded = Map.of("max-bytes", "64KiB", "resync-period", "PT1M");
        Broker publisher = createNode(bounded);
        try (var proxy = new MessageLossProxy(server.port())) {
            Broker reader = createNode(with(bounded, "servers", proxy.uri()));
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
            assertThat(sink.gaps())
                    .singleElement()
                    .satisfies(gap -> {
                        assertThat(gap.after()).isEqualTo(first);
                        assertThat(gap.before().isAfter(lost) || gap.before().equals(lost))
                                .isTrue();
                        assertThat(gap.reason()).isEqualTo(GapReason.EXPIRED);
                    });
            closeNodes();
        }
    }

    @Test
    void reportsEventsThatMaxBytesRemovedWhenNoneIsLeft() {
        Map<String, String> bounded = Map.of("max-bytes", "64KiB", "resync-period", "PT1M");
        Broker publisher = createNode(bounded);
        try (var proxy = new MessageLossProxy(server.port())) {
            Broker reader = createNode(with(bounded, "servers", proxy.uri()));
            var sink = new RecordingSink();
            reader.subscribe("topic", sink);

            proxy.lose(name + ".live.");
            Position lost = publisher.publish("topic", text("1")).position();
            overflow(publisher);
            proxy.heal();
            checkTailsNow("topic");

            await("the gap").atMost(TIMEOUT).until(() -> !sink.gaps().isEmpty());
            assertThat(sink.gaps())
                    .singleElement()
                    .satisfies(gap -> {
                        assertThat(gap.before().isAfter(lost)).isTrue();
                        assertThat(gap.reason()).isEqualTo(GapReason.EXPIRED);
                    });
            publisher.publish("topic", text("2"));
            sink.awaitText("2");
            assertThat(sink.gaps()).hasSize(1);
            closeNodes();
        }
    }

    @Test
    void reportsNoGapInANewTopicOfABusyStreamWithMaxBytes() {
        Broker broker = createNode(Map.of("max-bytes", "64KiB", "resync-period", "PT0.2S"));
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
        Broker publisher = createNode(settings);
        try (var proxy = new MessageLossProxy(server.port());
                var log = LogCapture.open()) {
            Broker reader = createNode(with(settings, "servers", proxy.uri()));
            var sink = new RecordingSink();
            reader.subscribe("topic", sink);
            publisher.publish("topic", text("1"));
            sink.awaitText("1");

            Streams.update(
                    server.uri(),
                    StreamConfiguration.builder(configuration()).maxBytes(64 << 10).build());
            checkTailsNow("topic");
            await("the warning")
                    .atMost(TIMEOUT)
                    .until(() ->
                            log.text()
                                    .contains(
                                            "max_bytes, setting max-bytes: wanted -1, is"
                                                    + " 65536"));
            proxy.lose(name + ".live.");
            publisher.publish("topic", text("2"));
            overflow(publisher);
            proxy.heal();
            publisher.publish("topic", text("3"));

            sink.awaitText("3");
            assertThat(sink.gaps())
                    .extracting(RecordingSink.Hole::reason)
                    .containsExactly(GapReason.EXPIRED);
            closeNodes();
        }
    }

    static Stream<Arguments> streamsOfAnOperator() {
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
    @MethodSource("streamsOfAnOperator")
    void refusesAStreamOfAnOperator(String key, UnaryOperator<StreamConfiguration.Builder> change) {
        createNode();
        closeNodes();
        StreamConfiguration configuration = configuration();
        Streams.delete(server.uri(), name);
        Streams.create(
                server.uri(), change.apply(StreamConfiguration.builder(configuration)).build());

        assertThatThrownBy(() -> createNode())
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

    /** Makes readers of {@code topic} check its tail, by a message that is not from the stream. */
    private void checkTailsNow(String topic) {
        Streams.connected(
                server.uri(),
                connection -> {
                    connection.publish(name + ".live." + topic, bytes("not from the stream"));
                    connection.flush(TIMEOUT);
                    return true;
                });
    }

    private static Map<String, String> with(
            Map<String, String> settings, String key, String value) {
        var all = new HashMap<>(settings);
        all.put(key, value);
        return all;
    }

    // Others on the same servers

    @Test
    void deliversWhatOtherApplicationsPublishToTheStream() {
        Broker broker = createNode();
        var sink = new RecordingSink();
        broker.subscribe("jobs/17", sink);

        Streams.connected(
                server.uri(),
                connection ->
                        connection
                                .jetStream(Streams.LONG_TIMEOUT)
                                .publish(name + ".events.jobs.17", bytes("from elsewhere")));

        sink.awaitText("from elsewhere");
    }

    @Test
    void ignoresWhatOtherApplicationsPublishOnTheLiveSubjects() {
        Broker broker = createNode();
        var sink = new RecordingSink();
        broker.subscribe("topic", sink);

        Streams.connected(
                server.uri(),
                connection -> {
                    connection.publish(name + ".live.topic", bytes("forged"));
                    for (String header : List.of("Sequence", "Last-Sequence", "Time-Stamp")) {
                        var headers = new Headers();
                        headers.put("Nats-Subject", name + ".events.topic");
                        headers.put("Nats-Sequence", "1");
                        headers.put("Nats-Last-Sequence", "0");
                        headers.put("Nats-Time-Stamp", "2026-01-01T00:00:00Z");
                        headers.put("Nats-" + header, "nonsense");
                        connection.publish(name + ".live.topic", headers, bytes("forged"));
                    }
                    connection.flush(TIMEOUT);
                    return true;
                });
        broker.publish("topic", text("1"));

        sink.awaitText("1");
        assertThat(sink.texts()).containsExactly("1");
    }

    @Test
    void deliversMessagesOfOtherApplicationsThatBreakRules() {
        Broker broker = createNode();
        var sink = new RecordingSink();
        broker.subscribe("topic", sink);
        byte[] notText = {(byte) 0xff, 0, 1};
        var headers = new Headers();
        headers.put("Longwave-Type", "two%0Alines");
        headers.put("Longwave-Attr-NOT_A_NAME", "x");
        headers.put("Longwave-Attr-traceparent", "line%0Abreak");

        Streams.connected(
                server.uri(),
                connection ->
                        connection
                                .jetStream(Streams.LONG_TIMEOUT)
                                .publish(name + ".events.topic", headers, notText));
        broker.publish("topic", text("next"));

        sink.awaitText("next");
        Message live = sink.entries().getFirst().message();
        assertThat(live.data()).isEqualTo(notText);
        assertThat(live.type()).isNull();
        assertThat(live.contentType()).contains("application/octet-stream");
        assertThat(broker.history("topic", Start.earliest(), NO_BOUND, 1, ALL).entries())
                .extracting(Entry::message)
                .containsExactly(live);
    }

    @Test
    void skipsWhatNobodyCouldHavePublishedOverHttp() {
        Broker broker = createNode(Map.of("max-message-bytes", "1KiB"));
        var sink = new RecordingSink();
        var ofPattern = new RecordingSink();
        broker.subscribe("x", sink);
        broker.subscribe("**", ofPattern);
        broker.publish("x", text("1"));
        var gap = new Headers();
        gap.put("Longwave-Type", "gap");

        Streams.connected(
                server.uri(),
                connection -> {
                    var stream = connection.jetStream(Streams.LONG_TIMEOUT);
                    for (String tokens : List.of("%78", "%2A", "a%2fb", "y.%0A", "%E2%80%8B")) {
                        stream.publish(name + ".events." + tokens, bytes("bad subject"));
                    }
                    stream.publish(name + ".events.x", new byte[1025]);
                    return stream.publish(name + ".events.x", gap, bytes("no gap"));
                });
        broker.publish("x", text("2"));

        List<String> good = List.of("1", "no gap", "2");
        for (RecordingSink each : List.of(sink, ofPattern)) {
            each.awaitText("2");
            assertThat(each.texts()).isEqualTo(good);
            assertThat(each.gaps()).isEmpty();
            assertThat(each.entries())
                    .allSatisfy(entry -> assertThat(entry.message().type()).isNull());
        }
        Page page = broker.history("x", Start.earliest(), NO_BOUND, ALL, ALL);
        assertThat(RecordingSink.texts(page.entries())).isEqualTo(good);
        Page all = broker.history("**", Start.earliest(), NO_BOUND, ALL, ALL);
        assertThat(RecordingSink.texts(all.entries())).isEqualTo(good);
        Page some = broker.history("**", Start.earliest(), NO_BOUND, 3, ALL);
        assertThat(some.more()).isTrue();
        assertThat(
                        RecordingSink.texts(
                                broker.history("**", Start.after(some.end()), NO_BOUND, ALL, ALL)
                                        .entries()))
                .containsExactly("no gap", "2");
    }

    /** The client library refuses to send such headers, but servers accept them from others. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Longwave-Attr-a b: x",
                "Longwave-Attr-\u00e9: \u00e9",
                "Longwave-Type: \u00e9",
                "no colon",
                ": no name",
                "Nats-Msg-Id:",
                "Nats-Sequence: 7",
                "Nats-Time-Stamp: never"
            })
    void deliversWhatComesAfterMalformedHeaders(String header) throws Exception {
        Broker broker = createNode();
        var sink = new RecordingSink();
        broker.subscribe("topic", sink);
        broker.publish("topic", text("1"));

        publishRaw(name + ".events.topic", header, "malformed");
        broker.publish("topic", text("2"));

        sink.awaitText("2");
        assertThat(sink.gaps()).isEmpty();
        Page page = broker.history("topic", Start.earliest(), NO_BOUND, ALL, ALL);
        assertThat(RecordingSink.texts(page.entries())).isEqualTo(sink.texts());
    }

    private static void publishRaw(String subject, String header, String data) throws Exception {
        byte[] headers = ("NATS/1.0\r\n" + header + "\r\n\r\n").getBytes(StandardCharsets.UTF_8);
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            var out = new ByteArrayOutputStream();
            out.writeBytes(bytes("CONNECT {\"verbose\":false,\"headers\":true}\r\n"));
            out.writeBytes(
                    bytes(
                            "HPUB %s %d %d\r\n"
                                    .formatted(
                                            subject,
                                            headers.length,
                                            headers.length + data.length())));
            out.writeBytes(headers);
            out.writeBytes(bytes(data + "\r\nPING\r\n"));
            socket.getOutputStream().write(out.toByteArray());
            var in =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String line = in.readLine();
            while (line != null && !line.equals("PONG")) {
                assertThat(line).doesNotStartWith("-ERR");
                line = in.readLine();
            }
        }
    }

    @Test
    void readsWhatWasStoredBeforeThereWereAttributes() {
        Broker broker = createNode();
        var headers = new Headers();
        headers.put("Nats-Msg-Id", "id-1 topic");
        headers.put("Longwave-Type", "a%20type");
        headers.put("Longwave-Key", "%C3%A9");
        headers.put("Longwave-End", "true");

        Streams.connected(
                server.uri(),
                connection ->
                        connection
                                .jetStream(Streams.LONG_TIMEOUT)
                                .publish(name + ".events.topic", headers, bytes("data")));

        assertThat(broker.history("topic", Start.earliest(), NO_BOUND, ALL, ALL).entries())
                .extracting(Entry::message)
                .containsExactly(
                        Message.builder(bytes("data"))
                                .id("id-1")
                                .type("a type")
                                .key("é")
                                .end(true)
                                .build());
    }

    // Publishing several messages

    @Test
    void publishesManyMessagesOfManyTopicsInOrder() {
        Broker broker = createNode();
        var publications = new ArrayList<Publication>();
        for (int i = 0; i < 600; i++) {
            publications.add(Publication.of("topic/" + i % 250, text("" + i, "id-" + i)));
        }

        List<PublishResult> first = broker.publishAll(publications);
        List<PublishResult> again = broker.publishAll(publications);

        assertThat(first).allSatisfy(result -> assertThat(result.failure()).isEmpty());
        for (int topic : List.of(0, 42, 249)) {
            Page page = broker.history("topic/" + topic, Start.earliest(), NO_BOUND, ALL, ALL);
            assertThat(RecordingSink.texts(page.entries()))
                    .isEqualTo(
                            IntStream.range(0, 600)
                                    .filter(i -> i % 250 == topic)
                                    .mapToObj(i -> "" + i)
                                    .toList());
        }
        for (int i = 0; i < 600; i++) {
            Published one = first.get(i).published().orElseThrow();
            Published other = again.get(i).published().orElseThrow();
            assertThat(other).isEqualTo(Published.duplicate(one.position(), one.durability()));
        }
    }

    @Test
    void publishesManyMessagesOfOneTopicTogether() {
        Broker broker = createNode();
        var publications = new ArrayList<Publication>();
        for (int i = 0; i < 3000; i++) {
            publications.add(Publication.of("topic", text("" + i)));
        }

        List<PublishResult> results = broker.publishAll(publications);

        Page page = broker.history("topic", Start.earliest(), NO_BOUND, ALL, ALL);
        assertThat(RecordingSink.texts(page.entries()))
                .isEqualTo(IntStream.range(0, 3000).mapToObj(i -> "" + i).toList());
        assertThat(results.stream().map(result -> result.published().orElseThrow().position()))
                .isEqualTo(page.entries().stream().map(Entry::position).toList());
    }

    @Test
    void sendsABatchAgainThatMayHaveBeenStored() throws Exception {
        try (var proxy = new FaultProxy(server.port())) {
            Broker broker =
                    createNode(
                            Map.of(
                                    "servers",
                                    "nats://127.0.0.1:" + proxy.port(),
                                    "timeout",
                                    "PT20S"));
            broker.publish("topic", text("0", "id-0")); // so that the rest is sent together
            var publications = new ArrayList<Publication>();
            for (int i = 1; i <= 50; i++) {
                publications.add(Publication.of("topic", text("" + i, "id-" + i)));
            }
            Broker other = createNode();
            proxy.blackholeAnswers();
            var healing =
                    Thread.ofVirtual()
                            .start(() -> {
                                await("the first attempt")
                                        .atMost(TIMEOUT)
                                        .until(() ->
                                                other.history(
                                                                        "topic",
                                                                        Start.earliest(),
                                                                        NO_BOUND,
                                                                        ALL,
                                                                        ALL)
                                                                .entries()
                                                                .size()
                                                        == 51);
                                proxy.cut();
                                proxy.heal();
                            });

            List<PublishResult> results = broker.publishAll(publications);

            healing.join();
            assertThat(results).allSatisfy(result -> assertThat(result.failure()).isEmpty());
            assertThat(results)
                    .allSatisfy(result ->
                            assertThat(result.published().orElseThrow().duplicate()).isTrue());
            Page page = broker.history("topic", Start.earliest(), NO_BOUND, ALL, ALL);
            assertThat(RecordingSink.texts(page.entries()))
                    .isEqualTo(IntStream.rangeClosed(0, 50).mapToObj(i -> "" + i).toList());
            closeNodes();
        }
    }

    @Test
    void refusesOneMessageOfSeveralWithoutTheOthers() {
        Broker broker = createNode(Map.of("max-message-bytes", "1KiB"));

        List<PublishResult> results =
                broker.publishAll(
                        List.of(
                                Publication.of("topic", text("1")),
                                Publication.of("topic", Message.of(new byte[2000])),
                                Publication.of("topic", text("2"))));

        assertThat(results.get(1).failure()).get().isInstanceOf(MessageRefusedException.class);
        assertThat(results.getLast().published()).isPresent();
        Page page = broker.history("topic", Start.earliest(), NO_BOUND, ALL, ALL);
        assertThat(RecordingSink.texts(page.entries())).containsExactly("1", "2");
    }

    @Test
    void endsABatchWhoseOutcomeIsUnknown() {
        try (var proxy = new FaultProxy(server.port())) {
            Broker broker =
                    createNode(
                            Map.of(
                                    "servers",
                                    "nats://127.0.0.1:" + proxy.port(),
                                    "timeout",
                                    "PT1S"));
            var publications = new ArrayList<Publication>();
            for (int i = 0; i < 100; i++) {
                publications.add(Publication.of("topic/" + i % 10, text("" + i)));
            }
            proxy.blackholeAnswers();

            List<PublishResult> results = broker.publishAll(publications);

            assertThat(results)
                    .hasSize(100)
                    .allSatisfy(result ->
                            assertThat(result.failure())
                                    .get()
                                    .isInstanceOf(BrokerUnavailableException.class));
            Broker other = createNode();
            Page page = other.history("topic/3", Start.earliest(), NO_BOUND, ALL, ALL);
            assertThat(RecordingSink.texts(page.entries())).containsExactly("3");
            closeNodes();
        }
    }

    // History

    @Test
    void readsLongHistoryInOnePage() {
        Broker broker = createNode();
        for (int i = 0; i < 3000; i++) {
            broker.publish(i % 3 == 0 ? "topic" : "other", text("" + i));
        }

        Page page = broker.history("topic", Start.earliest(), NO_BOUND, ALL, ALL);

        assertThat(RecordingSink.texts(page.entries()))
                .isEqualTo(IntStream.range(0, 1000).mapToObj(i -> "" + 3 * i).toList());
        assertThat(page.more()).isFalse();
    }

    @Test
    void findsTheLastEventsOfATopicThatWasBusyLongAgo() {
        Broker broker = createNode();
        publish(broker, "topic", 0, 400);
        publish(broker, "other", 0, 800);
        publish(broker, "topic", 400, 405);

        for (int count : List.of(1, 2, 5, 6, 50, 404, 405, 500)) {
            Page page = broker.history("topic", Start.last(count), NO_BOUND, ALL, ALL);

            assertThat(RecordingSink.texts(page.entries()))
                    .isEqualTo(
                            IntStream.range(Math.max(0, 405 - count), 405)
                                    .mapToObj(i -> "" + i)
                                    .toList());
            assertThat(page.coverage()).isEqualTo(Coverage.COMPLETE);
        }
    }

    @Test
    void endsAPageBeforeItIsTooLong() {
        Broker broker = createNode();
        for (int i = 0; i < 20; i++) {
            broker.publish("topic", Message.of(new byte[100_000]));
        }

        Page page = broker.history("topic", Start.earliest(), NO_BOUND, ALL, 1_000_000);

        assertThat(page.entries()).hasSize(10);
        assertThat(page.more()).isTrue();
    }

    // Reaching the servers

    @Test
    void saysThatTheServersCannotBeReachedWithoutThePassword() {
        assertThatThrownBy(() -> createNode(Map.of("servers", "nats://ann:secret@127.0.0.1:1")))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessageContaining("servers=127.0.0.1:1")
                .hasMessageNotContaining("secret");
    }

    @Test
    void connectsToTheServerThatIsRunning() {
        Broker broker = createNode(Map.of("servers", "nats://127.0.0.1:1," + server.uri()));

        assertThat(broker.publish("topic", text("1")).duplicate()).isFalse();
    }

    @Test
    void needsOnlyTheDocumentedPermissions() {
        String permissions =
                """
                users: [ { user: ann, password: secret, permissions: {
                    publish: ["@.events.>", "@.ephemeral.>", "$KV.@_claims.>", "$KV.@_presence.>", "$JS.API.>"]
                    subscribe: ["@.live.>", "@.ephemeral.>", "_INBOX.>"]
                } } ]
                """
                        .replace("@", name);
        try (NatsServer guarded = guarded(permissions)) {
            Broker broker =
                    createNode(
                            Map.of(
                                    "servers", guarded.uri(),
                                    "user", "ann",
                                    "password", "secret"));
            var sink = new RecordingSink();
            broker.subscribe("topic", sink);
            broker.publish("topic", text("1"));

            sink.awaitText("1");
            broker.broadcast("topic", text("2"));
            sink.awaitEphemeral("2");
            assertThat(broker.history("topic", Start.last(1), NO_BOUND, ALL, ALL).entries())
                    .hasSize(1);
            assertThat(broker.claim("key", Duration.ofMinutes(1))).isTrue();
            broker.presence()
                    .orElseThrow()
                    .put("topic", Presence.Member.of("ann", "Ann"), Duration.ofMinutes(1));
            assertThat(broker.presence().orElseThrow().count("topic")).isEqualTo(1);
            closeNodes();
        }
    }

    @Test
    void leavesNothingOnTheServerOnceItsSubscriptionsAreClosed() {
        Broker broker = createNode();
        int before = subscriptions();
        var subscriptions = new ArrayList<Broker.Subscription>();
        for (int i = 0; i < 100; i++) {
            subscriptions.add(broker.subscribe("topic/" + i, new RecordingSink()));
        }
        assertThat(subscriptions()).as("two for each topic").isEqualTo(before + 200);

        subscriptions.forEach(Broker.Subscription::close);

        await("the end of the subscriptions")
                .atMost(TIMEOUT)
                .pollInSameThread()
                .until(() -> subscriptions() == before);
    }

    private static int subscriptions() {
        String all = server.monitoring("/connz?subs=1");
        return all.split("\\.(live|ephemeral)\\.", -1).length - 1;
    }

    private static NatsServer guarded(String authorization) {
        return NatsServer.start(
                NatsServer.Generation.CURRENT, "authorization { " + authorization + " }");
    }

    private StreamConfiguration configuration() {
        return Streams.configuration(server.uri(), name);
    }

    private static void publish(Broker broker, String topic, int from, int to) {
        for (int i = from; i < to; i++) {
            broker.publish(topic, text("" + i));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
