package dev.longwave.server.centrifuge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Message;
import dev.longwave.broker.Settings;
import dev.longwave.broker.Start;
import dev.longwave.core.CloseReason;
import dev.longwave.core.Hub;
import dev.longwave.core.HubOptions;
import dev.longwave.core.LagPolicy;
import dev.longwave.core.Outbox;
import dev.longwave.server.auth.Access;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.auth.Purpose;
import dev.longwave.server.hooks.PublishHook;
import dev.longwave.server.http.EventSpans;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.TraceContext;
import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.net.MemoryBudget;
import dev.longwave.server.net.PlatformThreads;
import dev.longwave.server.publish.EventPublisher;
import dev.longwave.server.publish.LineRequests;
import dev.longwave.server.publish.PublishSettings;
import dev.longwave.server.publish.Publishing;
import dev.longwave.server.session.Reconnects;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A connection whose client reads only when it is told to. */
final class ConnectionTest {

    /** Less than the tests publish, so that a client that does not read misses events. */
    private static final int KEPT_EVENTS = 8;

    private final Broker broker =
            ServiceLoader.load(BrokerProvider.class).stream()
                    .map(ServiceLoader.Provider::get)
                    .filter(provider -> provider.type().equals("memory"))
                    .findAny()
                    .orElseThrow()
                    .settings(
                            new Settings(Map.of("retention-count", Integer.toString(KEPT_EVENTS))))
                    .connect(BrokerContext.builder("test").build());
    private static final PublishSettings LIMITS = new PublishSettings(1000, 10, 10_000, 10);

    private final Hub hub =
            new Hub(
                    broker,
                    new HubOptions(
                            4,
                            1 << 20,
                            Duration.ofSeconds(30),
                            4,
                            1 << 20,
                            1,
                            topic ->
                                    topic.startsWith("latest/")
                                            ? new LagPolicy.Latest(2, false)
                                            : new LagPolicy.Replay()));
    private final Timers timers = new Timers();
    private final Outbox<HttpBatch> outbox = hub.open();
    private final Connection connection =
            new Connection(
                    services(),
                    timers,
                    outbox,
                    HttpTransport.HTTP_STREAM,
                    anyone(),
                    "client",
                    "session");
    private final HttpBatch batch = new HttpBatch(connection, HttpTransport.HTTP_STREAM, false);

    @SuppressWarnings("NullAway") // such a server does not look at requests
    private static Identity anyone() {
        return Access.OPEN.identify(null, Purpose.OTHER);
    }

    private Services services() {
        return new Services(
                hub,
                Access.OPEN,
                new CentrifugeSettings(3, 1 << 20),
                LIMITS,
                new EventPublisher(
                        new Publishing(
                                hub,
                                Access.OPEN,
                                LIMITS,
                                (_, _) -> {},
                                PublishHook.NONE,
                                new Memory(
                                        new MemoryBudget(1 << 20),
                                        new MemoryBudget(1 << 20),
                                        new ClientFaults()),
                                new PlatformThreads(),
                                new LineRequests(),
                                TraceContext::of),
                        _ -> {},
                        EventSpans.NONE),
                Members.NONE,
                Duration.ofSeconds(15),
                new Reconnects(Duration.ofSeconds(2), 0, () -> 0),
                _ -> {},
                "node",
                InstantSource.system());
    }

    @AfterEach
    void close() {
        hub.release(outbox);
        connection.end();
        timers.close();
        hub.close();
        broker.close();
    }

    @Test
    void tellsAClientThatWasTooSlowToSubscribeAgain() {
        send("{\"id\":1,\"connect\":{}}", "{\"id\":2,\"subscribe\":{\"channel\":\"a\"}}");
        take(2);
        publish("a", 1);
        JsonNode first = take(1).getFirst().at("/push/pub");
        for (int i = 2; i <= 30; i++) {
            publish("a", i);
        }

        JsonNode end = take(1).getFirst();

        assertThat(end.at("/push/channel").textValue()).isEqualTo("a");
        assertThat(end.at("/push/unsubscribe/code").intValue()).isEqualTo(2500);
        send(
                ("{\"id\":3,\"subscribe\":{\"channel\":\"a\",\"recover\":true,\"epoch\":\"%s\","
                                + "\"offset\":%d}}")
                        .formatted(epoch(), first.get("offset").longValue()));
        JsonNode again = take(1).getFirst().get("subscribe");
        assertThat(again.has("recovered")).isFalse();
        assertThat(again.get("offset").intValue()).isEqualTo(30);
        publish("a", 31);
        assertThat(take(1).getFirst().at("/push/pub/data").textValue()).isEqualTo("31");
    }

    private String epoch() {
        return StreamOffset.epoch(broker.history("a", Start.last(1), null, 1, 1).end());
    }

    @Test
    void goesOnInTopicsWhereOnlyTheNewestMatters() {
        send("{\"id\":1,\"connect\":{}}", "{\"id\":2,\"subscribe\":{\"channel\":\"latest/a\"}}");
        take(2);
        for (int i = 1; i <= 30; i++) {
            publish("latest/a", i);
        }

        JsonNode newest = take(1).getFirst();

        assertThat(newest.at("/push/pub/data").textValue()).isEqualTo("30");
    }

    @Test
    void sendsWhatIsBeyondTheReplyAsPushes() {
        send("{\"id\":1,\"connect\":{}}", "{\"id\":2,\"subscribe\":{\"channel\":\"a\"}}");
        take(2);
        send("{\"id\":3,\"unsubscribe\":{\"channel\":\"a\"}}");
        take(1);
        String data = "x".repeat(400_000);
        for (int i = 0; i < 5; i++) {
            var _ = hub.publish("a", Message.of((i + data).getBytes(StandardCharsets.UTF_8)));
        }

        send(
                "{\"id\":4,\"subscribe\":{\"channel\":\"a\",\"recover\":true,\"epoch\":\"%s\"}}"
                        .formatted(epoch()));

        JsonNode reply = take(1).getFirst().get("subscribe");
        int inReply = reply.get("publications").size();
        assertThat(reply.get("recovered").booleanValue()).isTrue();
        assertThat(inReply).isEqualTo(3);
        assertThat(reply.get("offset").intValue()).isEqualTo(3);
        List<JsonNode> pushes = take(2);
        assertThat(pushes.get(0).at("/push/pub/offset").intValue()).isEqualTo(4);
        assertThat(pushes.get(1).at("/push/pub/offset").intValue()).isEqualTo(5);
    }

    @Test
    void refusesMoreTopicsThanAllowed() {
        send(
                "{\"id\":1,\"connect\":{}}",
                "{\"id\":2,\"subscribe\":{\"channel\":\"a\"}}",
                "{\"id\":3,\"subscribe\":{\"channel\":\"b\"}}",
                "{\"id\":4,\"subscribe\":{\"channel\":\"c\"}}",
                "{\"id\":5,\"subscribe\":{\"channel\":\"d\"}}",
                "{\"id\":6,\"unsubscribe\":{\"channel\":\"a\"}}",
                "{\"id\":7,\"subscribe\":{\"channel\":\"d\"}}");

        List<JsonNode> replies = take(7);

        assertThat(replies.get(4).at("/error/code").intValue()).isEqualTo(106);
        assertThat(replies.get(6).has("subscribe")).isTrue();
    }

    @Test
    void givesBackWhatItHas() {
        send("{\"id\":1,\"connect\":{}}", "{\"id\":2,\"subscribe\":{\"channel\":\"a\"}}");
        take(2);
        assertThat(hub.subscriptionCount()).isEqualTo(1);

        send("{\"id\":3,\"unsubscribe\":{\"channel\":\"a\"}}");
        take(1);

        assertThat(hub.subscriptionCount()).isZero();
        connection.close(Disconnect.BAD_REQUEST);
        assertThat(outbox.closeReason()).isEqualTo(CloseReason.CLIENT_FAULT);
        assertThat(connection.disconnect(CloseReason.CLIENT_FAULT))
                .isEqualTo(Disconnect.BAD_REQUEST);
    }

    private void send(String... commands) {
        connection.receive(String.join("\n", commands).getBytes(StandardCharsets.UTF_8), false);
    }

    private void publish(String topic, int number) {
        var _ =
                hub.publish(
                        topic,
                        Message.of(Integer.toString(number).getBytes(StandardCharsets.UTF_8)));
    }

    /** The next texts that the client gets; there are no more at once. */
    private List<JsonNode> take(int count) {
        var texts = new ArrayList<JsonNode>();
        while (texts.size() < count && outbox.take(batch)) {
            String text = StandardCharsets.UTF_8.decode(batch.bytes()).toString();
            batch.clear();
            text.lines().map(JsonTexts::parsed).forEach(texts::add);
        }
        assertThat(texts).hasSize(count);
        return texts;
    }
}
