package dev.longwave.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.Settings;
import dev.longwave.server.http.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A real server on a free port of loopback, and plain requests to it. */
public final class TestServer implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(DEADLINE)
                    .build();
    private final LongwaveServer server;

    private TestServer(LongwaveServer server) {
        this.server = server;
    }

    /** A server with these settings, as {@code key=value}, on a free port. */
    public static TestServer with(String... settings) {
        Map<String, String> values = values(settings);
        return new TestServer(LongwaveServer.start(new Settings(values), Path.of("no-plugins")));
    }

    /** The same, whose settings are read again when it is told so: they may be changed. */
    public static TestServer reading(Map<String, String> values) {
        return new TestServer(
                LongwaveServer.start(
                        () -> new Settings(new HashMap<>(values)), Path.of("no-plugins")));
    }

    /** Settings, as {@code key=value}, of a server on a free port. */
    public static Map<String, String> values(String... settings) {
        Map<String, String> values = new ConcurrentHashMap<>();
        values.put("server.port", "0");
        values.put("admin.port", "0");
        values.put("server.drain-timeout", "PT5S");
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            values.put(parts[0], parts[1]);
        }
        return values;
    }

    public LongwaveServer server() {
        return server;
    }

    public int port() {
        return server.port();
    }

    public String url(String path) {
        return server.url() + path;
    }

    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url(path))).timeout(DEADLINE);
    }

    public HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).build());
    }

    public HttpResponse<String> post(String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.build());
    }

    /** Publishes, and returns the event's id. */
    public String publish(String topic, String data) throws IOException, InterruptedException {
        return json(post("/events/" + topic, data)).get("id").textValue();
    }

    public static JsonNode json(HttpResponse<String> response) {
        byte[] body = response.body().getBytes(StandardCharsets.UTF_8);
        return Json.parse(body, 0, body.length);
    }

    @Override
    public void close() {
        client.shutdownNow(); // close() would wait for streams that nobody reads
        server.close();
    }
}
