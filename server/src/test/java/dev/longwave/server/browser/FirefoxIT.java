package dev.longwave.server.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.longwave.server.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another browser than Chromium, on a page of another origin than the server's. */
final class FirefoxIT {

    private static final int EVENTS = 50;

    private final List<String> told = new CopyOnWriteArrayList<>();
    private HttpServer application;
    private TestServer server;
    private volatile String script = "";

    @BeforeEach
    void start() throws IOException {
        application =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        application.createContext("/", exchange -> answer(exchange, "text/html", page()));
        application.createContext("/told", this::listen);
        application.createContext(
                "/longwave.js", exchange -> answer(exchange, "text/javascript", module()));
        application.start();
        server =
                TestServer.with(
                        "cors.origins=" + origin(),
                        "sse.retry=PT0.1S",
                        "sse.heartbeat-interval=PT0.5S",
                        "sse.max-age=PT1S");
    }

    @AfterEach
    void stop() {
        server.close();
        application.stop(0);
    }

    /** The server ends each stream after a second, and the browser resumes it. */
    @Test
    void losesNothingWithEventSource(@TempDir Path directory) throws Exception {
        script =
                """
                const source = new EventSource(server + '/events/a');
                source.onopen = () => tell('open');
                source.onmessage = event => tell(event.data);
                """;

        try (Firefox firefox = Firefox.open(origin(), directory)) {
            awaitTold(firefox, "open", 1);
            int events = 0;
            while (count("open") < 3) {
                publish(firefox, events++);
            }
            publish(firefox, events++);

            assertThat(told.stream().filter(line -> !line.equals("open")))
                    .isEqualTo(numbers(events));
        }
    }

    @Test
    void sharesOneStreamAmongFrames(@TempDir Path directory) throws Exception {
        server.close();
        server = TestServer.with("cors.origins=" + origin(), "sse.heartbeat-interval=PT0.5S");
        script =
                """
                if (self === top) for (let i = 0; i < 3; i++) document.body.append(
                    Object.assign(document.createElement('iframe'), { src: '/?' + i }));
                else {
                  const { Longwave } = await import('/longwave.js');
                  const live = new Longwave('a', { base: server + '/' });
                  live.onopen = () => tell('open');
                  live.onmessage = event => tell(location.search + event.data);
                }
                """;

        try (Firefox firefox = Firefox.open(origin(), directory)) {
            awaitTold(firefox, "open", 3);
            assertThat(server.server().openStreams()).isEqualTo(1);
            for (int i = 0; i < EVENTS; i++) {
                server.publish("a", "" + i);
            }

            awaitTold(firefox, 3 + 3 * EVENTS);
            for (int frame = 0; frame < 3; frame++) {
                String prefix = "?" + frame;
                assertThat(
                                told.stream()
                                        .filter(line -> line.startsWith(prefix))
                                        .map(line -> line.substring(prefix.length())))
                        .isEqualTo(numbers(EVENTS));
            }
        }
    }

    @Test
    void speaksOverAWebSocket(@TempDir Path directory) throws Exception {
        script =
                """
                const socket = new WebSocket(server.replace('http', 'ws') + '/ws/a');
                socket.onopen = () => socket.send('from Firefox');
                socket.onmessage = event => tell(event.data);
                """;

        try (Firefox firefox = Firefox.open(origin(), directory)) {
            awaitTold(firefox, "from Firefox", 1);
            server.publish("a", "from elsewhere");
            awaitTold(firefox, "from elsewhere", 1);
        }
    }

    private void publish(Firefox firefox, int number) throws Exception {
        server.publish("a", "" + number);
        awaitTold(firefox, "" + number, 1);
    }

    private void awaitTold(Firefox firefox, String line, long times) {
        await().until(() -> isRunning(firefox) && count(line) >= times);
    }

    private void awaitTold(Firefox firefox, int lines) {
        await().until(() -> isRunning(firefox) && told.size() >= lines);
    }

    private static boolean isRunning(Firefox firefox) {
        assertThat(firefox.isRunning()).as("Firefox runs").isTrue();
        return true;
    }

    private long count(String line) {
        return told.stream().filter(line::equals).count();
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private String origin() {
        return "http://127.0.0.1:" + application.getAddress().getPort();
    }

    /** What the script tells arrives in its order. */
    private String page() {
        return """
        <!doctype html><title>app</title><body><script type="module">
        const server = 'http://127.0.0.1:%d';
        let telling = Promise.resolve();
        const tell = line => telling = telling.then(
            () => fetch('/told', { method: 'POST', body: line }));
        %s
        </script>
        """
                .formatted(server.port(), script);
    }

    private String module() {
        try {
            return server.get("/longwave.js").body();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void listen(HttpExchange exchange) throws IOException {
        told.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        answer(exchange, "text/plain", "");
    }

    private static void answer(HttpExchange exchange, String type, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", type);
            exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
            if (bytes.length > 0) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }
}
