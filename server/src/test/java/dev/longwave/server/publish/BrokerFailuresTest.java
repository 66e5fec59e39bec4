package dev.longwave.server.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Settings;
import dev.longwave.broker.Start;
import dev.longwave.core.Hub;
import dev.longwave.core.HubOptions;
import dev.longwave.server.auth.Access;
import dev.longwave.server.hooks.PublishHook;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Problems;
import dev.longwave.server.http.TopicsToRead;
import dev.longwave.server.http.TraceContext;
import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.net.MemoryBudget;
import dev.longwave.server.net.PlatformThreads;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webclient.api.ClientResponseTyped;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.testing.junit5.DirectClient;
import io.helidon.webserver.testing.junit5.RoutingTest;
import io.helidon.webserver.testing.junit5.SetUpRoute;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What publishers and readers of history are told when the broker fails. */
@RoutingTest
final class BrokerFailuresTest {

    private static final String SECRET = "host=10.0.0.1";
    private static final Hub HUB = new Hub(new Failing(), HubOptions.defaults());

    private final DirectClient client;

    BrokerFailuresTest(DirectClient client) {
        this.client = client;
    }

    @SetUpRoute
    static void routes(HttpRouting.Builder routing) {
        var settings = PublishSettings.read(new Settings(Map.of()));
        var memory =
                new Memory(
                        new MemoryBudget(1 << 20), new MemoryBudget(4 << 20), new ClientFaults());
        var publishing =
                new Publishing(
                        HUB,
                        Access.OPEN,
                        settings,
                        (_, _) -> {},
                        PublishHook.NONE,
                        memory,
                        new PlatformThreads(),
                        new LineRequests(),
                        TraceContext::of);
        routing.post("/events/*", new PublishHandler(publishing))
                .post("/publish", new BatchHandler(publishing))
                .get(
                        "/history/*",
                        new HistoryHandler(
                                publishing,
                                new TopicsToRead(HUB, "failing"),
                                InstantSource.system()));
        Problems.handle(routing);
    }

    @AfterAll
    static void close() {
        HUB.close();
    }

    @ParameterizedTest
    @CsvSource({
        "unavailable, 503, broker-unavailable",
        "full, 503, broker-refused",
        "refused, 422, message-refused",
        "broken, 500, internal"
    })
    void namesTheFailureOfAPublish(String topic, int status, String rule) {
        ClientResponseTyped<byte[]> response =
                client.post("/events/" + topic).submit("data", byte[].class);

        assertProblem(response, status, rule);
    }

    @ParameterizedTest
    @CsvSource({
        "unavailable, 503, broker-unavailable",
        "unsupported, 501, no-history",
        "broken, 500, internal"
    })
    void namesTheFailureToReadHistory(String topic, int status, String rule) {
        ClientResponseTyped<byte[]> response =
                client.get("/history/" + topic).request(byte[].class);

        assertProblem(response, status, rule);
    }

    @Test
    void tellsClientsWhenToTryAgain() {
        var response = client.get("/history/unavailable").request(byte[].class);

        assertThat(response.headers().get(HeaderNames.RETRY_AFTER).get()).isEqualTo("1");
    }

    @Test
    void saysWhyTheServersRefuse() {
        var response = client.post("/events/full").submit("data", byte[].class);

        assertThat(json(response).get("reason").textValue()).isEqualTo("full");
        assertThat(response.headers().get(HeaderNames.RETRY_AFTER).get()).isEqualTo("1");
        assertThat(new String(response.entity(), StandardCharsets.UTF_8)).doesNotContain(SECRET);
    }

    @Test
    void keepsWhatTheBrokerSaysAboutItsServersToItself() {
        for (String path : new String[] {"/history/unavailable", "/history/broken"}) {
            byte[] body = client.get(path).request(byte[].class).entity();

            assertThat(new String(body, StandardCharsets.UTF_8)).doesNotContain(SECRET);
        }
    }

    @Test
    void namesTheFailureOfEachEventOfABatch() {
        ClientResponseTyped<byte[]> response =
                client.post("/publish")
                        .submit(
                                """
                                {"events":[{"topic":"refused","data":"x"},
                                           {"topic":"unavailable","data":"x"}]}\
                                """,
                                byte[].class);

        assertThat(response.status()).isEqualTo(Status.MULTI_STATUS_207);
        JsonNode results = json(response).get("results");
        assertThat(results.at("/0/error/type").textValue())
                .isEqualTo("urn:longwave:problem:message-refused");
        assertThat(results.at("/1/error/type").textValue())
                .isEqualTo("urn:longwave:problem:broker-unavailable");
    }

    @ParameterizedTest
    @CsvSource({
        "unavailable, 503, broker-unavailable",
        "refused, 422, message-refused",
        "broken, 500, internal"
    })
    void namesTheFailureOfAnEphemeralEvent(String topic, int status, String rule) {
        ClientResponseTyped<byte[]> response =
                client.post("/events/" + topic)
                        .queryParam("ephemeral", "true")
                        .submit("data", byte[].class);

        assertProblem(response, status, rule);
    }

    @Test
    void leavesOutTheRestOfABatchWithoutAnAnswer() {
        ClientResponseTyped<byte[]> response =
                client.post("/publish")
                        .submit(
                                """
                                {"events":[{"topic":"refused","data":"x","ephemeral":true},
                                           {"topic":"unavailable","data":"x","ephemeral":true},
                                           {"topic":"refused","data":"x"},
                                           {"topic":"refused","data":"x","ephemeral":true}]}\
                                """,
                                byte[].class);

        assertThat(response.status()).isEqualTo(Status.MULTI_STATUS_207);
        JsonNode results = json(response).get("results");
        assertThat(results.at("/0/error/type").textValue())
                .isEqualTo("urn:longwave:problem:message-refused");
        for (String index : new String[] {"1", "2", "3"}) {
            assertThat(results.at("/" + index + "/error/type").textValue())
                    .isEqualTo("urn:longwave:problem:broker-unavailable");
        }
    }

    private static void assertProblem(
            ClientResponseTyped<byte[]> response, int status, String rule) {
        assertThat(response.status().code()).isEqualTo(status);
        assertThat(response.headers().get(HeaderNames.CONTENT_TYPE).get())
                .isEqualTo("application/problem+json");
        JsonNode problem = json(response);
        assertThat(problem.get("type").textValue()).isEqualTo("urn:longwave:problem:" + rule);
        assertThat(problem.get("status").intValue()).isEqualTo(status);
    }

    private static JsonNode json(ClientResponseTyped<byte[]> response) {
        return Json.parse(response.entity(), 0, response.entity().length);
    }

    /** A broker that fails in the way that the topic names. */
    private static final class Failing implements Broker {

        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.HISTORY, Capability.EPHEMERAL);
        }

        @Override
        public int maxMessageBytes() {
            return 1 << 20;
        }

        @Override
        public Published publish(String topic, Message message) {
            throw failure(topic);
        }

        @Override
        public void broadcast(String topic, Message message) {
            throw failure(topic);
        }

        @Override
        public Subscription subscribe(String topic, Sink sink) {
            throw failure(topic);
        }

        @Override
        public Page history(
                String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
            throw failure(topic);
        }

        @Override
        public void close() {
            // Nothing to give back.
        }

        private static RuntimeException failure(String topic) {
            return switch (topic) {
                case "unavailable" -> new BrokerUnavailableException("no answer from " + SECRET);
                case "full" ->
                        new BrokerRefusedException(
                                BrokerRefusedException.Reason.FULL, "OOM at " + SECRET, null);
                case "refused" -> new MessageRefusedException("the data is refused");
                case "unsupported" -> new UnsupportedOperationException("no log");
                default -> new IllegalStateException("broken at " + SECRET);
            };
        }
    }
}
