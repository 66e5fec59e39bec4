package dev.longwave.broker.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerStatus;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Message;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.NatsServer;
import dev.longwave.broker.testing.RecordingSink;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Servers that answer, and do not store what is published. */
final class RefusalIT extends NatsFixture {

    private static final String STREAM = "refusing";

    @Override
    protected Map<String, String> deployment() {
        return Map.of("stream", STREAM, "prefix", STREAM, "resync-period", "PT0.5S");
    }

    @Test
    void saysThatTheAccountIsFullUntilThereIsRoomAgain() {
        String limited =
                """
                accounts { LIMITED {
                    jetstream: { max_mem: 8MB, max_file: 300KB }
                    users: [ { user: ann, password: secret } ]
                } }
                """;
        try (NatsServer server = NatsServer.start(NatsServer.Generation.CURRENT, limited);
                var log = LogCapture.open()) {
            Broker broker = create(server, Map.of("user", "ann", "password", "secret"));
            var sink = new RecordingSink();
            broker.subscribe("topic", sink);

            BrokerRefusedException refusal = fill(broker);

            assertThat(refusal.reason()).isEqualTo(Reason.FULL);
            awaitDegradation(broker);
            assertThatThrownBy(() -> broker.publish("other", Message.of(new byte[16 << 10])))
                    .isInstanceOf(BrokerRefusedException.class);
            List<PublishResult> batch =
                    broker.publishAll(
                            List.of(
                                    Publication.of("a", Message.of(new byte[16 << 10])),
                                    Publication.of("b", Message.of(new byte[16 << 10]))));
            assertThat(batch)
                    .allSatisfy(result ->
                            assertThat(result.failure())
                                    .get()
                                    .isInstanceOf(BrokerRefusedException.class));
            assertThat(log.text().split("refuses to store messages", -1))
                    .as("once whenever it begins")
                    .hasSize(1 + degradations(broker));

            String uri = server.uri().replace("nats://", "nats://ann:secret@");
            Streams.purge(uri, STREAM);

            awaitState(broker, BrokerState.CONNECTED);
            broker.publish("topic", Message.of(new byte[] {'1'}));
            sink.awaitText("1");
            assertThat(sink.gaps()).isEmpty();
        }
    }

    @Test
    void saysThatTheStreamIsFullAndThatAnOperatorMadeItRefuse() {
        try (NatsServer server = NatsServer.start(NatsServer.Generation.CURRENT)) {
            Broker broker = create(server, Map.of());
            StreamConfiguration before = configuration(server);
            change(server, builder -> builder.maxBytes(64 << 10).discardPolicy(DiscardPolicy.New));
            awaitState(broker, BrokerState.DEGRADED);
            assertThat(last(broker).reason()).contains("discard: wanted old, is new");

            assertThat(fill(broker).reason()).isEqualTo(Reason.FULL);
            awaitThat(
                    "the reason",
                    () -> last(broker).reason().contains("refuse to store messages: full"));
            change(server, _ -> StreamConfiguration.builder(before));

            awaitState(broker, BrokerState.CONNECTED);
            assertThat(broker.publish("topic", Message.of(new byte[0])).duplicate()).isFalse();
        }
    }

    @Test
    void saysAtOnceThatThePermissionIsMissing() {
        String permissions =
                """
                authorization { users: [ { user: ann, password: secret, permissions: {
                    publish: { deny: ["@.events.secret"] }
                } } ] }
                """
                        .replace("@", STREAM);
        try (NatsServer server = NatsServer.start(NatsServer.Generation.CURRENT, permissions)) {
            Broker broker =
                    create(server, Map.of("user", "ann", "password", "secret", "timeout", "PT50S"));
            long begun = System.nanoTime();

            assertThatThrownBy(() -> broker.publish("secret", Message.of(new byte[0])))
                    .isInstanceOfSatisfying(
                            BrokerRefusedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.DENIED));

            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isLessThan(Duration.ofSeconds(25));
            awaitDegradation(broker);
            broker.publish("topic", Message.of(new byte[0]));
        }
    }

    @Test
    void saysThatItMayNotSubscribe() {
        String permissions =
                """
                authorization { users: [ { user: ann, password: secret, permissions: {
                    subscribe: { deny: ["@.live.>"] }
                } } ] }
                """
                        .replace("@", STREAM);
        try (NatsServer server = NatsServer.start(NatsServer.Generation.CURRENT, permissions)) {
            Broker broker = create(server, Map.of("user", "ann", "password", "secret"));
            var sink = new RecordingSink();

            broker.subscribe("topic", sink);

            awaitState(broker, BrokerState.DEGRADED);
            broker.publish("topic", Message.of(new byte[] {'1'}));
            sink.awaitText("1"); // the checks of the tails find it
        }
    }

    @Test
    void waitsForTheServerAndThenSaysThatNothingWasSent() {
        try (NatsServer server = NatsServer.start(NatsServer.Generation.CURRENT);
                var proxy = new FaultProxy(server.port())) {
            Broker broker =
                    create(
                            server,
                            Map.of(
                                    "servers",
                                    "nats://127.0.0.1:" + proxy.port(),
                                    "timeout",
                                    "PT1S"));
            proxy.refuse();
            awaitState(broker, BrokerState.DISCONNECTED);

            assertThatThrownBy(() -> broker.publish("topic", Message.of(new byte[0])))
                    .isInstanceOfSatisfying(
                            BrokerUnavailableException.class,
                            e -> assertThat(e.isNotSent()).isTrue());
            proxy.heal();
            broker.close();
        }
    }

    /** {@return what a broker throws once nothing more fits} */
    private static BrokerRefusedException fill(Broker broker) {
        var number = new AtomicInteger();
        var refusal = new ArrayList<BrokerRefusedException>();
        await("a refusal")
                .atMost(TIMEOUT)
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    try {
                        broker.publish(
                                "filler/" + number.incrementAndGet(),
                                Message.of(new byte[16 << 10]));
                        return false;
                    } catch (BrokerRefusedException e) {
                        return refusal.add(e);
                    }
                });
        return refusal.getFirst();
    }

    private void awaitState(Broker broker, BrokerState state) {
        awaitThat("state " + state, () -> last(broker).state() == state);
    }

    /** It may be over already: what the broker tries for itself is small, and may be stored. */
    private void awaitDegradation(Broker broker) {
        awaitThat("a degradation", () -> degradations(broker) > 0);
    }

    private int degradations(Broker broker) {
        return Collections.frequency(states(broker), BrokerState.DEGRADED);
    }

    private BrokerStatus last(Broker broker) {
        return statuses(broker).getLast();
    }

    private static StreamConfiguration configuration(NatsServer server) {
        return Streams.configuration(server.uri(), STREAM);
    }

    private static void change(
            NatsServer server, UnaryOperator<StreamConfiguration.Builder> change) {
        Streams.update(
                server.uri(),
                change.apply(StreamConfiguration.builder(configuration(server))).build());
    }

    private Broker create(NatsServer server, Map<String, String> settings) {
        var all = new HashMap<>(Map.of("servers", server.uri()));
        all.putAll(settings);
        return createNode(all);
    }
}
