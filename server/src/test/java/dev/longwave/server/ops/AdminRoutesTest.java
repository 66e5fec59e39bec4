package dev.longwave.server.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerStatus;
import dev.longwave.server.http.Json;
import dev.longwave.server.net.ClientFaults;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webclient.api.ClientResponseTyped;
import io.helidon.webclient.http1.Http1ClientResponse;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.testing.junit5.DirectClient;
import io.helidon.webserver.testing.junit5.RoutingTest;
import io.helidon.webserver.testing.junit5.SetUpRoute;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the admin listener's routes respond, without a socket. */
@RoutingTest
final class AdminRoutesTest {

    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
    private static final BrokerHealth BROKER = new BrokerHealth("tape", () -> START);
    private static final FiguresSampler SAMPLER =
            new FiguresSampler(
                    () -> new NodeFigures(1, Map.of("sse", 1), 2, 3, 4, 5, 6, 7),
                    () -> START,
                    Duration.ofMillis(1));
    private static final ClusterNodes NODES =
            new ClusterNodes(
                    Optional.empty(),
                    () -> new ClusterNode("a", "0.1.0", START, 1, false),
                    System::nanoTime);
    private static boolean draining;
    private static boolean deaf;

    private final DirectClient client;

    AdminRoutesTest(DirectClient client) {
        this.client = client;
    }

    @SetUpRoute
    static void routes(HttpRouting.Builder routing) {
        AdminListener.route(
                routing,
                new HealthHandler(BROKER, () -> draining, () -> deaf),
                new FiguresHandler(SAMPLER, BROKER, NODES, _ -> List.of()),
                new MetricsHandler(new Metrics()),
                Map.of(),
                new AdminAccess(false, null, new ClientFaults()));
    }

    @AfterAll
    static void close() {
        SAMPLER.close();
        NODES.close();
    }

    @BeforeEach
    void recover() {
        BROKER.accept(BrokerStatus.connected());
        draining = false;
        deaf = false;
    }

    @ParameterizedTest
    @CsvSource({
        "CONNECTED, false, 200",
        "RESYNCING, false, 200",
        "DISCONNECTED, false, 503",
        "FAILED, false, 503",
        "CONNECTED, true, 503"
    })
    void isReadyWhileItServesClients(BrokerState state, boolean ending, int status) {
        BROKER.accept(BrokerStatus.of(state, "the reason"));
        draining = ending;

        ClientResponseTyped<byte[]> ready = get("/health/ready");
        ClientResponseTyped<byte[]> live = get("/health/live");

        assertThat(ready.status().code()).isEqualTo(status);
        assertThat(live.status().code()).isEqualTo(200);
        assertThat(json(live)).isEqualTo(json(ready));
        assertThat(json(ready).get("ready").booleanValue()).isEqualTo(status == 200);
        assertThat(json(ready).get("draining").booleanValue()).isEqualTo(ending);
        assertThat(json(ready).at("/broker/state").textValue()).isEqualTo(BrokerHealth.word(state));
        assertThat(json(ready).at("/broker/reason").textValue()).isEqualTo("the reason");
        assertThat(json(ready).at("/broker/type").textValue()).isEqualTo("tape");
        assertThat(ready.headers().get(HeaderNames.CACHE_CONTROL).get()).isEqualTo("no-store");
    }

    @Test
    void isNotReadyWhileItDoesNotHearTheBroker() {
        deaf = true;

        ClientResponseTyped<byte[]> ready = get("/health/ready");

        assertThat(ready.status().code()).isEqualTo(503);
        assertThat(json(ready).get("deaf").booleanValue()).isTrue();
        assertThat(get("/health/live").status().code()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "/figures?once, '*/*'",
        "/figures?once, text/event-stream",
        "/figures, application/json",
        "/figures, 'application/json, */*;q=0.1'"
    })
    void givesTheFiguresOnceToAClientThatAsksForThat(String path, String accept) {
        ClientResponseTyped<byte[]> response = get(path, accept);

        assertThat(response.status().code()).isEqualTo(200);
        assertThat(response.headers().get(HeaderNames.CONTENT_TYPE).get())
                .isEqualTo("application/json");
        assertFigures(json(response));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*/*", "text/event-stream", "application/json, text/event-stream"})
    void streamsTheFiguresOtherwise(String accept) throws IOException {
        try (Http1ClientResponse response =
                        client.get("/figures").header(HeaderNames.ACCEPT, accept).request();
                var lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        response.inputStream(), StandardCharsets.UTF_8))) {
            assertThat(response.status().code()).isEqualTo(200);
            assertThat(response.headers().get(HeaderNames.CONTENT_TYPE).get())
                    .isEqualTo("text/event-stream");
            for (int i = 0; i < 3; i++) {
                assertThat(lines.readLine()).isEqualTo("event:figures");
                String data = lines.readLine();
                assertThat(data).startsWith("data:");
                assertFigures(parse(data.substring("data:".length())));
                assertThat(lines.readLine()).isEmpty();
            }
        }
    }

    @Test
    void saysThatThereIsNothingElse() {
        ClientResponseTyped<byte[]> response = get("/events/a");

        assertThat(response.status().code()).isEqualTo(404);
        assertThat(response.headers().get(HeaderNames.CONTENT_TYPE).get())
                .isEqualTo("application/problem+json");
        assertThat(json(response).get("type").textValue())
                .isEqualTo("urn:longwave:problem:not-found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/figures", "/health/live", "/health/ready"})
    void refusesOtherMethods(String path) {
        ClientResponseTyped<byte[]> response =
                client.method(Method.PUT).path(path).request(byte[].class);

        assertThat(response.status().code()).isEqualTo(405);
        assertThat(json(response).get("type").textValue())
                .isEqualTo("urn:longwave:problem:method-not-allowed");
    }

    private static void assertFigures(JsonNode figures) {
        assertThat(figures.get("streams").intValue()).isEqualTo(1);
        assertThat(figures.get("byTransport")).hasToString("{\"sse\":1}");
        assertThat(figures.get("connections").intValue()).isEqualTo(2);
        assertThat(figures.get("topics").intValue()).isEqualTo(3);
        assertThat(figures.get("subscriptions").intValue()).isEqualTo(4);
        assertThat(figures.get("totals").toString())
                .isEqualTo("{\"events\":5,\"deliveries\":6,\"gaps\":7}");
        assertThat(figures.get("perSecond").isNull()).isTrue(); // the clock stands still
        assertThat(figures.get("time").textValue()).isEqualTo("2030-01-01T00:00:00Z");
        assertThat(figures.get("broker").toString())
                .isEqualTo(
                        "{\"type\":\"tape\",\"state\":\"connected\","
                                + "\"since\":\"2030-01-01T00:00:00Z\"}");
    }

    private ClientResponseTyped<byte[]> get(String path) {
        return get(path, "*/*");
    }

    private ClientResponseTyped<byte[]> get(String path, String accept) {
        String[] parts = path.split("\\?", 2);
        var request = client.get(parts[0]).header(HeaderNames.ACCEPT, accept);
        return (parts.length == 1 ? request : request.queryParam(parts[1], ""))
                .request(byte[].class);
    }

    private static JsonNode json(ClientResponseTyped<byte[]> response) {
        return Json.parse(response.entity(), 0, response.entity().length);
    }

    private static JsonNode parse(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Json.parse(bytes, 0, bytes.length);
    }
}
