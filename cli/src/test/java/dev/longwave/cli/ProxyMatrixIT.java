package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.testing.HaProxy;
import dev.longwave.testing.Nginx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real proxies with good configurations: events come at once, clients resume, WebSockets pass, and
 * the doctor raises no alarm.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ProxyMatrixIT {

    /** Generous: what is held back comes with the next heartbeat, or never. */
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final String ORIGIN = "https://app.example.org";
    private static final String TOPIC = "matrix";

    private final HttpClient publisher = HttpClient.newBuilder().connectTimeout(DEADLINE).build();

    @TempDir private static Path folder;
    private TestAuthority authority;
    private DoctorServer server;

    @BeforeAll
    void start() throws Exception {
        authority = TestAuthority.in(folder, 90);
        server =
                DoctorServer.with(
                        "net.trusted-proxies=127.0.0.1",
                        "cors.origins=" + ORIGIN,
                        "cors.credentials=true");
    }

    @AfterAll
    void close() {
        publisher.shutdownNow();
        server.close();
    }

    /** WebSockets need locations of their own; the rest is as nginx does it by itself. */
    private String behind(String location) {
        return """
        location ~ ^/(ws|connection)/ {
            proxy_pass http://127.0.0.1:%1$d;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
        }
        """
                        .formatted(server.port())
                + location.formatted(server.port());
    }

    private SSLContext tls() throws Exception {
        return DoctorCommand.trusting(authority.certificate());
    }

    @ParameterizedTest
    @EnumSource
    void passesEventsAsDeployed(DeployedProxy.Program program) throws Exception {
        try (DeployedProxy proxy = DeployedProxy.start(program, server.port())) {
            isWell("http://127.0.0.1:" + proxy.port());
        }
    }

    @Test
    void passesEventsWithoutAProxy() throws Exception {
        isWell(server.url());
    }

    /** HTTP/1.0 to the server, and buffering on. */
    @Test
    void passesEventsThroughNginxWithItsDefaults() throws Exception {
        String location = behind("location / { proxy_pass http://127.0.0.1:%1$d; }");
        try (Nginx nginx = Nginx.start("", location)) {
            isWell("http://127.0.0.1:" + nginx.port());
        }
    }

    @Test
    void passesEventsThroughNginxThatCompressesPages() throws Exception {
        String location =
                behind(
                        "gzip on; gzip_proxied any; gzip_min_length 1;"
                                + "location / { proxy_pass http://127.0.0.1:%1$d;"
                                + " proxy_http_version 1.1; proxy_set_header Connection ''; }");
        try (Nginx nginx = Nginx.start("", location)) {
            isWell("http://127.0.0.1:" + nginx.port());
        }
    }

    @Test
    void passesEventsFromHttp1ToHttp2() throws Exception {
        String location =
                behind(
                        authority.nginx()
                                + "location / { proxy_pass http://127.0.0.1:%1$d;"
                                + " proxy_http_version 1.1; proxy_set_header Connection ''; }");
        try (Nginx nginx = Nginx.start("ssl http2", location)) {
            isWell("https://127.0.0.1:" + nginx.port());
        }
    }

    @Test
    void passesEventsThroughHaProxyThatSpeaksHttp2OnBothSides() throws Exception {
        String bind = "ssl crt " + authority.both() + " alpn h2,http/1.1";
        try (HaProxy haproxy = HaProxy.start(bind, "proto h2", server.port())) {
            isWell("https://127.0.0.1:" + haproxy.port());
        }
    }

    /** The heartbeat comes every 15 seconds. */
    @Test
    void keepsQuietStreamsBeyondTimeoutsOf20Seconds() throws Exception {
        String location =
                behind(
                        "location / { proxy_pass http://127.0.0.1:%1$d; proxy_read_timeout 20s;"
                                + " proxy_send_timeout 20s; send_timeout 20s; }");
        try (Nginx nginx = Nginx.start("", location)) {
            DoctorRun run = DoctorRun.of("http://127.0.0.1:" + nginx.port(), "--idle", "22s");

            run.assertWell();
            assertThat(run.passed()).contains("idle");
        }
    }

    private void isWell(String proxy) throws Exception {
        HttpClient.Builder builder =
                HttpClient.newBuilder().connectTimeout(DEADLINE).sslContext(tls());
        if (proxy.startsWith("http:")) {
            builder.version(HttpClient.Version.HTTP_1_1);
        }
        HttpClient client = builder.build();
        try {
            passesEvents(client, proxy);
            passesMessages(client, proxy);
        } finally {
            client.shutdownNow();
        }

        List<String> options =
                new ArrayList<>(List.of("--topic", TOPIC, "--origin", ORIGIN, "--idle", "1s"));
        if (proxy.startsWith("https:")) {
            options.addAll(List.of("--ca-file", authority.certificate().toString()));
        }
        DoctorRun run = DoctorRun.of(proxy, options.toArray(String[]::new));
        run.assertWell();
        assertThat(run.passed())
                .contains(
                        "http",
                        "headers",
                        "buffering",
                        "first-byte",
                        "ids",
                        "cache",
                        "clock",
                        "resume",
                        "resume-topic",
                        "cors",
                        "websocket",
                        "idle");
        assertThat(run.unchecked()).isEmpty();
    }

    private void passesEvents(HttpClient client, String proxy) throws Exception {
        String id;
        try (Lines stream = subscribe(client, proxy, "")) {
            for (String data : List.of("one", "two")) {
                long published = System.nanoTime();
                publish(data);
                stream.await("data: " + data);
                assertThat(Duration.ofNanos(System.nanoTime() - published)).isLessThan(AT_ONCE);
            }
            id = stream.id();
        }
        publish("three");
        publish("four");
        try (Lines stream = subscribe(client, proxy, id)) {
            assertThat(stream.await("data: ")).isEqualTo("data: three");
            assertThat(stream.await("data: ")).isEqualTo("data: four");
        }
    }

    private void passesMessages(HttpClient client, String proxy) throws Exception {
        BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        WebSocket socket =
                client.newWebSocketBuilder()
                        .buildAsync(
                                URI.create(proxy.replaceFirst("http", "ws") + "/ws/" + TOPIC),
                                new WebSocket.Listener() {
                                    @Override
                                    public @Nullable CompletionStage<?> onText(
                                            WebSocket webSocket, CharSequence data, boolean last) {
                                        messages.add(data.toString());
                                        webSocket.request(1);
                                        return null;
                                    }
                                })
                        .get(5, TimeUnit.MINUTES);
        try {
            publish("five");
            assertThat(messages.poll(5, TimeUnit.MINUTES)).contains("five");
        } finally {
            socket.abort();
        }
    }

    private void publish(String data) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(server.url() + "/events/" + TOPIC))
                        .timeout(DEADLINE)
                        .POST(HttpRequest.BodyPublishers.ofString(data))
                        .build();
        assertThat(publisher.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
                .isEqualTo(200);
    }

    private static Lines subscribe(HttpClient client, String proxy, String lastEventId)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(proxy + "/events/" + TOPIC))
                        .header("Accept", "text/event-stream");
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<InputStream> response =
                client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream())
                        .get(5, TimeUnit.MINUTES);
        assertThat(response.statusCode()).isEqualTo(200);
        return new Lines(response.body());
    }

    /** The lines of a stream, as they come. */
    private static final class Lines implements AutoCloseable {
        private final InputStream body;
        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        private String id = "";

        Lines(InputStream body) {
            this.body = body;
            Thread.ofVirtual().start(this::read);
        }

        private void read() {
            try (var reader =
                    new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    lines.add(line);
                }
            } catch (IOException _) {
                // Closed.
            }
        }

        String await(String prefix) throws InterruptedException {
            String line = next();
            while (!line.startsWith(prefix)) {
                line = next();
            }
            return line;
        }

        private String next() throws InterruptedException {
            String line = lines.poll(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) {
                throw new AssertionError("nothing came");
            }
            if (line.startsWith("id: ")) {
                id = line.substring("id: ".length());
            }
            return line;
        }

        String id() {
            return id;
        }

        @Override
        public void close() throws IOException {
            body.close();
        }
    }
}
