package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.broker.Settings;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.NatsServer;
import dev.longwave.broker.testing.NatsServer.Generation;
import dev.longwave.broker.testing.RecordingSink;
import io.nats.client.Connection;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CoreNatsIT {

    private static final String TOPIC = "orders/1";
    private static final Duration TIMEOUT = Duration.ofMinutes(2); // a watchdog

    private final List<Broker> nodes = new ArrayList<>();

    @AfterEach
    void closeNodes() {
        nodes.forEach(Broker::close);
    }

    @ParameterizedTest
    @EnumSource
    void anotherNodeTakesOverWhenTheSequencerIsClosed(Generation generation) {
        try (var server = NatsServer.start(generation)) {
            Broker first = node(server, Map.of());
            Broker second = node(server, Map.of());
            Broker third = node(server, Map.of());
            var sink = new RecordingSink();
            var other = new RecordingSink();
            second.subscribe(TOPIC, sink);
            third.subscribe(TOPIC, other);
            Position before = second.publish(TOPIC, text("1")).position();
            sink.awaitText("1");
            other.awaitText("1");

            first.close();
            Position after = publishUntilAccepted(second, "2");

            sink.awaitText("2");
            other.awaitText("2");
            assertThat(after.epoch()).isNotEqualTo(before.epoch());
            assertThat(other.positions()).isEqualTo(sink.positions());
            for (RecordingSink each : List.of(sink, other)) {
                each.assertCalledProperly();
                // Both nodes may have taken over, one after the other: one gap or two.
                assertThat(each.gaps())
                        .isNotEmpty()
                        .extracting(RecordingSink.Hole::reason)
                        .containsOnly(GapReason.EPOCH_CHANGED);
                assertThat(each.gaps().getFirst().after()).isEqualTo(before);
                assertThat(after.isAfter(each.gaps().getLast().before())).isTrue();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anotherNodeTakesOverWhileTheSequencerIsCutOff(Generation generation) {
        try (var server = NatsServer.start(generation);
                var proxy = new FaultProxy(server.port())) {
            Broker cutOff = node(server, Map.of("servers", "127.0.0.1:" + proxy.port()));
            Broker other = node(server, Map.of());
            var sink = new RecordingSink();
            var otherSink = new RecordingSink();
            cutOff.subscribe(TOPIC, sink);
            other.subscribe(TOPIC, otherSink);
            Position first = other.publish(TOPIC, text("1")).position();
            sink.awaitText("1");
            otherSink.awaitText("1");

            proxy.blackhole();
            Position second = publishUntilAccepted(other, "2");
            otherSink.awaitText("2");
            assertThatThrownBy(() -> cutOff.publish(TOPIC, text("lost")))
                    .isInstanceOf(BrokerUnavailableException.class);
            proxy.heal();
            await().atMost(TIMEOUT).until(() -> !sink.gaps().isEmpty());
            publishUntilAccepted(cutOff, "3");

            sink.awaitText("3");
            otherSink.awaitText("3");
            assertThat(second.epoch()).isNotEqualTo(first.epoch());
            assertThat(otherSink.texts()).containsExactly("1", "2", "3");
            assertThat(sink.texts()).startsWith("1").endsWith("3").doesNotContain("lost");
            assertThat(sink.positions().getLast()).isEqualTo(otherSink.positions().getLast());
            assertThat(sink.gaps().getFirst().reason()).isEqualTo(GapReason.EPOCH_CHANGED);
            sink.assertCalledProperly();
            otherSink.assertCalledProperly();
        }
    }

    @ParameterizedTest
    @EnumSource
    void reportsAHoleAndContinues(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            Broker node = node(nats.server(), Map.of());
            Connection outsider = nats.connect();
            var sink = new RecordingSink();
            node.subscribe(TOPIC, sink);
            Position first = node.publish(TOPIC, text("1")).position();
            sink.awaitText("1");

            // As if the messages 2 and 3 of the topic had been lost.
            outsider.publish(
                    "longwave.core.live." + Subjects.tokens(TOPIC),
                    sequenced(outsider, first, 4, 3),
                    "4".getBytes(StandardCharsets.UTF_8));

            sink.awaitText("4");
            assertThat(sink.gaps())
                    .containsExactly(
                            new RecordingSink.Hole(
                                    first,
                                    new Position(first.epoch(), 3),
                                    GapReason.NO_HISTORY,
                                    1));
            assertThat(sink.texts()).containsExactly("1", "4");
        }
    }

    @ParameterizedTest
    @EnumSource
    void reportsALostLastMessage(Generation generation) {
        try (var server = NatsServer.start(generation);
                var proxy = new MessageLossProxy(server.port())) {
            Broker node = node(server, Map.of("resync-period", "PT0.2S"));
            Broker reader = node(server, Map.of("resync-period", "PT0.2S", "servers", proxy.uri()));
            var sink = new RecordingSink();
            reader.subscribe(TOPIC, sink);
            proxy.lose("longwave.core.live.");

            Position lost = node.publish(TOPIC, text("1")).position();

            await().atMost(TIMEOUT).until(() -> !sink.gaps().isEmpty());
            assertThat(sink.gaps())
                    .singleElement()
                    .satisfies(gap -> {
                        assertThat(gap.before()).isEqualTo(lost);
                        assertThat(gap.reason()).isEqualTo(GapReason.NO_HISTORY);
                    });
            assertThat(sink.texts()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void ignoresMessagesOfOtherApplications(Generation generation) throws Exception {
        try (var nats = NatsClients.start(generation)) {
            Broker node = node(nats.server(), Map.of());
            Connection outsider = nats.connect();
            var sink = new RecordingSink();
            node.subscribe(TOPIC, sink);
            byte[] noise = {0, (byte) 0xff, ' ', '-'};
            for (String subject :
                    List.of("live." + Subjects.tokens(TOPIC), "heartbeat", "term", "tails.1-1")) {
                outsider.publish("longwave.core." + subject, noise);
                outsider.publish("longwave.core." + subject, "nowhere", noise);
            }
            outsider.flush(TIMEOUT);

            node.publish(TOPIC, text("1"));

            sink.awaitText("1");
            assertThat(sink.entries()).hasSize(1);
            assertThat(sink.gaps()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesServersThatDoNotAcceptItsLongestMessage(Generation generation) {
        try (var server = NatsServer.start(generation, "max_payload: 65536")) {
            assertThatThrownBy(() -> node(server, Map.of("max-message-bytes", "64KiB")))
                    .isInstanceOf(BrokerConfigurationException.class)
                    .hasMessageContaining("max_payload=65536");
        }
    }

    private Broker node(NatsServer server, Map<String, String> more) {
        var values = new HashMap<String, String>();
        values.put("servers", server.uri());
        values.put("mode", "core");
        values.putAll(more);
        Broker node =
                new NatsBrokerProvider()
                        .settings(new Settings(prefixed(values)).section("broker.nats"))
                        .connect(BrokerContext.builder("node").build());
        nodes.add(node);
        return node;
    }

    private static Map<String, String> prefixed(Map<String, String> values) {
        var prefixed = new HashMap<String, String>();
        values.forEach((key, value) -> prefixed.put("broker.nats." + key, value));
        return prefixed;
    }

    /** {@return the headers of a message in the term of {@code position}} */
    private static Headers sequenced(
            Connection connection, Position position, long sequence, long previous)
            throws Exception {
        byte[] current =
                Objects.requireNonNull(
                                connection.request("longwave.core.term", new byte[0], TIMEOUT))
                        .getData();
        Term term = Term.parse(new String(current, StandardCharsets.US_ASCII)).orElseThrow();
        assertThat(term.epoch()).isEqualTo(position.epoch());
        var headers = new Headers();
        new SequenceHeader(term, sequence, previous, 0).putInto(headers);
        return headers;
    }

    private static Position publishUntilAccepted(Broker node, String text) {
        return await().atMost(TIMEOUT)
                .ignoreException(BrokerUnavailableException.class)
                .until(() -> node.publish(TOPIC, text(text)).position(), position -> true);
    }

    private static Message text(String text) {
        return Message.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
