package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.longwave.broker.BrokerConfigurationException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a collector of OpenTelemetry receives. */
final class TracingIT {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PUBLISHER = "b7ad6b7169203331";
    private static final String TRACEPARENT = "00-" + TRACE + "-" + PUBLISHER + "-01";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Queue<Span> spans = new ConcurrentLinkedQueue<>();
    private final Queue<String> services = new ConcurrentLinkedQueue<>();
    private HttpServer collector;

    @BeforeEach
    void collect() throws IOException {
        collector =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", this::take);
        collector.start();
    }

    @AfterEach
    void stop() {
        collector.stop(0);
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            InputStream raw = exchange.getRequestBody();
            var request =
                    ExportTraceServiceRequest.parseFrom(gzip ? new GZIPInputStream(raw) : raw);
            request.getResourceSpansList()
                    .forEach(of -> {
                        of.getResource()
                                .getAttributesList()
                                .forEach(it ->
                                        services.add(
                                                it.getKey()
                                                        + '='
                                                        + it.getValue().getStringValue()));
                        of.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList()));
                    });
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private TestServer server(String... more) {
        String[] settings = new String[more.length + 1];
        settings[0] =
                "tracing.otlp-endpoint=http://127.0.0.1:%d/v1/traces"
                        .formatted(collector.getAddress().getPort());
        System.arraycopy(more, 0, settings, 1, more.length);
        return TestServer.with(settings);
    }

    @Test
    void leadsFromThePublisherToTheSubscriber() throws Exception {
        try (TestServer server = server();
                RawStream stream =
                        RawStream.subscribe(server.port(), "/events/orders/7?trace=true")) {
            stream.lineWith("id:");
            server.post("/events/orders/7", "x", "traceparent", TRACEPARENT);
            String told = stream.lineWith("traceparent:");

            Span request = span("POST /events/{topic}");
            Span broker = span("broker publish");

            assertThat(hex(request.getTraceId().toByteArray())).isEqualTo(TRACE);
            assertThat(hex(request.getParentSpanId().toByteArray())).isEqualTo(PUBLISHER);
            assertThat(request.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
            assertThat(attributes(request))
                    .containsEntry("http.route", "/events/{topic}")
                    .containsEntry("url.path", "/events/orders/7")
                    .containsEntry("http.response.status_code", "200");
            assertThat(broker.getTraceId()).isEqualTo(request.getTraceId());
            assertThat(broker.getParentSpanId()).isEqualTo(request.getSpanId());
            assertThat(broker.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_PRODUCER);
            assertThat(attributes(broker))
                    .containsEntry("messaging.system", "memory")
                    .containsEntry("messaging.destination.name", "orders/7");
            assertThat(told).contains(TRACE + '-' + hex(request.getSpanId().toByteArray()) + "-01");
            assertThat(services).contains("service.name=longwave");
        }
    }

    @Test
    void beginsATraceForARequestWithoutOne() throws Exception {
        try (TestServer server = server()) {
            server.post(
                    "/publish",
                    "{\"events\":[{\"topic\":\"a\",\"data\":\"1\"},{\"topic\":\"b\",\"data\":\"2\"}]}",
                    "Content-Type",
                    "application/json");

            Span request = span("POST /publish");
            Span broker = span("broker publish");
            assertThat(request.getParentSpanId().isEmpty()).isTrue();
            assertThat(broker.getParentSpanId()).isEqualTo(request.getSpanId());
            assertThat(server.get("/history/b?since=earliest").body())
                    .contains(hex(request.getTraceId().toByteArray()));
        }
    }

    @Test
    void beginsATraceForWhatAClientPublishesOnAWebSocket() throws Exception {
        try (TestServer server = server();
                HttpClient client = HttpClient.newHttpClient()) {
            WebSocket socket = webSocket(client, server, "/ws/orders/7");
            var _ = socket.sendText("x", true).join();

            Span publish = span("client publish");
            Span broker = span("broker publish");

            assertThat(publish.getParentSpanId().isEmpty()).isTrue();
            assertThat(publish.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
            assertThat(attributes(publish))
                    .containsExactly(Map.entry("messaging.destination.name", "orders/7"));
            assertThat(broker.getParentSpanId()).isEqualTo(publish.getSpanId());
            assertThat(server.get("/history/orders/7?since=earliest").body())
                    .contains(
                            hex(publish.getTraceId().toByteArray())
                                    + '-'
                                    + hex(publish.getSpanId().toByteArray()));
            socket.abort();
        }
    }

    @Test
    void doesNotBlameItselfForWhatAClientMayNotPublish() throws Exception {
        try (TestServer server = server("limits.data=1KiB", "sse.max-block=2KiB");
                HttpClient client = HttpClient.newHttpClient()) {
            WebSocket socket = webSocket(client, server, "/ws?topic=a&topic=b");
            var _ = socket.sendText("there is no saying which topic", true).join();
            WebSocket other = webSocket(client, server, "/ws/a");
            var _ = other.sendText("\n".repeat(1000), true).join(); // a long block in event streams

            Span publish = span("client publish");

            assertThat(publish.getStatus().getCode())
                    .isEqualTo(Status.StatusCode.STATUS_CODE_UNSET);
            socket.abort();
            other.abort();
        }
        assertThat(named("broker publish")).isEmpty();
    }

    private static WebSocket webSocket(HttpClient client, TestServer server, String path) {
        URI uri = URI.create(server.url(path).replaceFirst("http", "ws"));
        return client.newWebSocketBuilder()
                .buildAsync(uri, new WebSocket.Listener() {})
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    @Test
    void recordsWhatIsRefused() throws Exception {
        try (TestServer server = server("limits.data=1KiB")) {
            server.post("/events/a", "x".repeat(2000));

            Span request = span("POST /events/{topic}");

            assertThat(attributes(request)).containsEntry("http.response.status_code", "413");
            assertThat(request.getStatus().getCode())
                    .isEqualTo(Status.StatusCode.STATUS_CODE_UNSET); // the client's fault
        }
    }

    @Test
    void recordsOnlyWhatIsSampled() throws Exception {
        try (TestServer server = server("tracing.sample-percent=0")) {
            server.post("/events/a", "unsampled");
            server.post("/events/a", "x", "traceparent", TRACEPARENT.replace("-01", "-00"));
            server.post("/events/a", "sampled", "traceparent", TRACEPARENT);
            HttpResponse<String> history = server.get("/history/a?since=earliest");

            await().atMost(PATIENCE).until(() -> spans.size() == 2);
            assertThat(TestServer.json(history).at("/events/0").has("attributes")).isFalse();
        }
        assertThat(spans).hasSize(2);
    }

    @Test
    void recordsNoSubscriptions() throws Exception {
        try (TestServer server = server();
                RawStream stream = RawStream.subscribe(server.port(), "/events/a")) {
            stream.lineWith("id:");
            server.get("/history/a?since=earliest");
            server.post("/events/a", "x");

            await().atMost(PATIENCE).until(() -> spans.size() == 2);
        }
        assertThat(spans).hasSize(2);
    }

    @Test
    void sendsTheRestWhenItStops() throws Exception {
        try (TestServer server = server()) {
            server.post("/events/a", "x");
        }

        assertThat(spans).hasSize(2);
    }

    @Test
    void publishesWithoutACollector() throws Exception {
        int port = collector.getAddress().getPort();
        collector.stop(0);
        try (TestServer server =
                TestServer.with(
                        "tracing.otlp-endpoint=http://127.0.0.1:%d/v1/traces".formatted(port))) {
            assertThat(server.post("/events/a", "x").statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:4318", "grpc://127.0.0.1:4317", "http://me:hush@127.0.0.1/"})
    void refusesAnEndpointThatCannotBe(String endpoint) {
        assertThatThrownBy(() -> TestServer.with("tracing.otlp-endpoint=" + endpoint))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("tracing.otlp-endpoint")
                .hasMessageNotContaining("hush");
    }

    /** Waits for a span of this name. */
    private Span span(String name) {
        await().atMost(PATIENCE).until(() -> !named(name).isEmpty());
        return named(name).getFirst();
    }

    private List<Span> named(String name) {
        return spans.stream().filter(span -> span.getName().equals(name)).toList();
    }

    private static Map<String, String> attributes(Span span) {
        return span.getAttributesList().stream()
                .collect(
                        Collectors.toMap(
                                it -> it.getKey(),
                                it ->
                                        it.getValue().hasIntValue()
                                                ? Long.toString(it.getValue().getIntValue())
                                                : it.getValue().getStringValue()));
    }

    private static String hex(byte[] id) {
        return HexFormat.of().formatHex(id);
    }
}
