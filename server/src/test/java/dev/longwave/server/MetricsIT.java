package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.testing.RequiredProgram;
import dev.longwave.testing.SignedToken;
import dev.longwave.testing.WebSocketClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a whole server tells Prometheus. */
final class MetricsIT {

    private static final Pattern NAME = Pattern.compile("\\b(?:longwave|jvm|process)_[a-z0-9_]+");

    /** A row of the table: the name, and perhaps labels. */
    private static final Pattern DOCUMENTED = Pattern.compile("\\| `(longwave_[a-z0-9_]+)[`{]");

    private static final Path DOCS = Path.of("..", "docs", "operations.md");
    private static final List<Path> USERS =
            List.of(
                    Path.of("..", "deploy", "prometheus", "longwave.rules.yaml"),
                    Path.of("..", "deploy", "grafana", "longwave.json"));
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0";

    @TempDir private Path folder;

    @Test
    void countsWhatANodeServes() throws Exception {
        try (TestServer server = TestServer.with();
                RawStream stream = RawStream.subscribe(server.port(), "/events/a");
                WebSocketClient socket = WebSocketClient.connect(URI.create(server.url("/ws/a")))) {
            await().until(() -> server.server().openStreams() == 2);
            server.publish("a", "one");
            server.publish("a", "two");
            assertThat(stream.lineWith("data: ")).isEqualTo("data: one");
            assertThat(stream.lineWith("data: ")).isEqualTo("data: two");
            socket.readData();
            socket.readData();
            assertThat(server.get("/nothing").statusCode()).isEqualTo(404);

            await().untilAsserted(() -> {
                Map<String, Double> values = values(server);
                assertThat(values)
                        .containsEntry("longwave_streams{transport=\"sse\"}", 1.0)
                        .containsEntry("longwave_streams{transport=\"websocket\"}", 1.0)
                        .containsEntry("longwave_streams_opened_total{transport=\"sse\"}", 1.0)
                        .containsEntry("longwave_deliveries_total{transport=\"sse\"}", 2.0)
                        .containsEntry("longwave_deliveries_total{transport=\"websocket\"}", 2.0)
                        .containsEntry("longwave_events_total", 2.0)
                        .containsEntry("longwave_subscriptions", 2.0)
                        .containsEntry("longwave_topics", 1.0)
                        .containsEntry("longwave_connections{protocol=\"http1\"}", 3.0)
                        .containsEntry("longwave_refusals_total{rule=\"not-found\"}", 1.0)
                        .containsEntry("longwave_broker_state{state=\"connected\"}", 1.0)
                        .containsEntry("longwave_broker_deaf", 0.0)
                        .containsEntry("longwave_limit{setting=\"limits.connections\"}", 100_000.0)
                        .containsEntry("longwave_limit_used{setting=\"limits.connections\"}", 3.0)
                        .containsEntry("longwave_draining", 0.0);
                assertThat(values.get(publishes())).isEqualTo(2.0);
                assertThat(values.get("longwave_stream_bytes_total{transport=\"sse\"}"))
                        .isGreaterThan(20);
                assertThat(values.get("longwave_broker_probe_seconds")).isBetween(0.0, 60.0);
            });
        }
    }

    private static String publishes() {
        return "longwave_broker_request_seconds_count{operation=\"publish\"}";
    }

    @Test
    void keepsTheSumsOfStreamsThatHaveEnded() throws Exception {
        try (TestServer server = TestServer.with("sse.heartbeat-interval=PT0.2S")) {
            try (RawStream stream = RawStream.subscribe(server.port(), "/events/a")) {
                await().until(() -> server.server().openStreams() == 1);
                server.publish("a", "one");
                assertThat(stream.lineWith("data: ")).isEqualTo("data: one");
            }
            await().until(() -> server.server().openStreams() == 0);

            await().untilAsserted(() ->
                    assertThat(values(server))
                            .containsEntry("longwave_streams{transport=\"sse\"}", 0.0)
                            .containsEntry(
                                    "longwave_streams_ended_total{reason=\"client-left\"}", 1.0)
                            .containsEntry("longwave_streams_ended_total{reason=\"moved\"}", 0.0)
                            .containsEntry("longwave_deliveries_total{transport=\"sse\"}", 1.0));
        }
    }

    @Test
    void countsGapsByTheirReason() throws Exception {
        try (TestServer server = TestServer.with("broker.memory.retention-count=1")) {
            String id = server.publish("a", "one");
            server.publish("a", "two");
            server.publish("a", "three");
            try (RawStream stream =
                    RawStream.subscribe(server.port(), "/events/a", "Last-Event-ID: " + id)) {
                stream.lineWith("event: gap");
                stream.lineWith("data: three");

                Map<String, Double> values = values(server);

                assertThat(values)
                        .containsEntry("longwave_gaps_total{reason=\"expired\"}", 1.0)
                        .containsEntry("longwave_gaps_total{reason=\"log-lost\"}", 0.0);
                assertThat(values.get("longwave_history_pages_total")).isGreaterThanOrEqualTo(1);
            }
        }
    }

    @Test
    void countsRefusalsOfSignInRightsAndRates() throws Exception {
        try (TestServer server =
                TestServer.with(
                        "auth.jwt.secret=" + SignedToken.SECRET, "limits.tickets-per-minute=1")) {
            String bearer = SignedToken.of("alice").bearer();
            assertThat(server.get("/events/a").statusCode()).isEqualTo(401);
            server.post("/events/a", "x", "Authorization", "Bearer wrong");
            server.post("/events/a", "x", "Authorization", bearer);
            server.post("/tickets", "", "Authorization", bearer);
            server.post("/tickets", "", "Authorization", bearer);

            assertThat(values(server))
                    .containsEntry("longwave_refusals_total{rule=\"authentication-required\"}", 1.0)
                    .containsEntry("longwave_refusals_total{rule=\"credential-refused\"}", 1.0)
                    .containsEntry("longwave_refusals_total{rule=\"topic-forbidden\"}", 1.0)
                    .containsEntry("longwave_refusals_total{rule=\"tickets-per-minute\"}", 1.0);
        }
    }

    @Test
    void namesTheTraceOfAPublicationToAClientOfOpenMetrics() throws Exception {
        try (TestServer server = TestServer.with()) {
            String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
            server.post("/events/a", "x", "traceparent", "00-" + trace + "-00f067aa0ba902b7-01");

            HttpResponse<String> metrics = scrape(server, "Accept", OPEN_METRICS);

            assertThat(metrics.headers().firstValue("Content-Type").orElse(""))
                    .startsWith("application/openmetrics-text");
            assertThat(metrics.body()).contains("trace_id=\"" + trace + "\"").endsWith("# EOF\n");
        }
    }

    @Test
    void areNotOnThePublicListener() throws Exception {
        try (TestServer server = TestServer.with()) {
            assertThat(server.get("/metrics").statusCode()).isEqualTo(404);
        }
    }

    /** The table in the docs has each, and nothing else. */
    @Test
    void areDocumented() throws Exception {
        Set<String> documented =
                Files.readAllLines(DOCS).stream()
                        .map(DOCUMENTED::matcher)
                        .filter(Matcher::lookingAt)
                        .map(row -> row.group(1))
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(documented)
                .isEqualTo(
                        names().stream()
                                .filter(name -> name.startsWith("longwave_"))
                                .collect(Collectors.toCollection(TreeSet::new)));
    }

    /** Dashboards and alerts would otherwise be empty, and silent. */
    @Test
    void includeWhatTheDashboardAndTheAlertsUse() throws Exception {
        Set<String> names = names();
        for (Path user : USERS) {
            Set<String> used = new TreeSet<>();
            Matcher matcher = NAME.matcher(Files.readString(user));
            while (matcher.find()) {
                used.add(matcher.group().replaceAll("_(bucket|sum|count)$", ""));
            }
            assertThat(used).as(user.toString()).isNotEmpty();
            assertThat(names).as(user.toString()).containsAll(used);
        }
    }

    /** Prometheus has its own opinion of names, units, and help texts, and of expressions. */
    @Test
    void pleasePromtool() throws Exception {
        String promtool = RequiredProgram.unpacked("prometheus", "usr/bin/promtool").toString();
        Path metrics = folder.resolve("metrics");
        try (TestServer server = TestServer.with();
                RawStream _ = RawStream.subscribe(server.port(), "/events/a")) {
            server.get("/nothing");
            Files.writeString(metrics, scrape(server).body());
        }

        assertThat(
                        run(
                                new ProcessBuilder(promtool, "check", "metrics")
                                        .redirectInput(metrics.toFile())))
                .isEmpty();
        assertThat(run(new ProcessBuilder(promtool, "check", "rules", USERS.getFirst().toString())))
                .contains("SUCCESS");
    }

    /** What it prints; it must succeed. */
    private String run(ProcessBuilder command) throws IOException, InterruptedException {
        Path printed = folder.resolve("printed");
        Process process =
                command.redirectErrorStream(true).redirectOutput(printed.toFile()).start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        String output = Files.readString(printed);
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    /** The names of all metrics of a server that has seen something of everything. */
    private static Set<String> names() throws Exception {
        try (TestServer server = TestServer.with();
                RawStream _ = RawStream.subscribe(server.port(), "/events/a")) {
            server.get("/nothing");
            return scrape(server)
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("# TYPE "))
                    .map(line -> line.split(" ", -1)[2])
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static HttpResponse<String> scrape(TestServer server, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server.server().adminUrl() + "/metrics"));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.send(request.build());
    }

    private static Map<String, Double> values(TestServer server)
            throws IOException, InterruptedException {
        HttpResponse<String> metrics = scrape(server);
        assertThat(metrics.statusCode()).isEqualTo(200);
        assertThat(metrics.headers().firstValue("Content-Type").orElse(""))
                .startsWith("text/plain");
        Map<String, Double> values = new HashMap<>();
        metrics.body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> {
                    int space = line.lastIndexOf(' ');
                    values.put(line.substring(0, space), number(line.substring(space + 1)));
                });
        return values;
    }

    private static double number(String text) {
        return text.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
    }
}
