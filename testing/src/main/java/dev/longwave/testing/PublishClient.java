package dev.longwave.testing;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Publishes over HTTP, again and again under one idempotency id until there is an answer. Safe for
 * many threads.
 */
public final class PublishClient implements AutoCloseable {

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration RETRY_FOR = Duration.ofMinutes(5);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(20);

    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(ANSWER_TIMEOUT)
                    .build();
    private final IntSupplier port;

    /**
     * @param port the server's port on loopback, asked before each attempt
     */
    public PublishClient(IntSupplier port) {
        this.port = port;
    }

    /**
     * What the server answered.
     *
     * @param id the event's id
     * @param duplicate whether it had been accepted before
     * @param attempts how often it was sent
     */
    public record Answer(String id, boolean duplicate, int attempts) {}

    /** Publishes an event. */
    public Answer publish(TestEvent event) {
        return publish(event.topic(), event.data(), event.type(), event.key());
    }

    /** Publishes an event under an id of its own. */
    public Answer publish(String topic, String data, @Nullable String type, @Nullable String key) {
        return send(topic, data, type, key, UUID.randomUUID().toString(), false);
    }

    /** Publishes the last event of a topic. */
    public Answer end(String topic, String data) {
        return send(topic, data, null, null, UUID.randomUUID().toString(), true);
    }

    /** Publishes an event under the idempotency id {@code messageId}. */
    public Answer send(
            String topic,
            String data,
            @Nullable String type,
            @Nullable String key,
            String messageId,
            boolean end) {
        String query =
                "?id="
                        + encoded(messageId)
                        + (type == null ? "" : "&type=" + encoded(type))
                        + (key == null ? "" : "&key=" + encoded(key))
                        + (end ? "&end=true" : "");
        long deadline = System.nanoTime() + RETRY_FOR.toNanos();
        for (int attempt = 1; ; attempt++) {
            String trouble;
            try {
                HttpResponse<String> response = post("/events/" + path(topic) + query, data);
                if (response.statusCode() == 200) {
                    JsonObject answer = JsonObject.parse(response.body());
                    return new Answer(
                            answer.required("id"),
                            Boolean.parseBoolean(answer.required("duplicate")),
                            attempt);
                }
                trouble = "status=" + response.statusCode() + " " + response.body();
                if (response.statusCode() != 429 && response.statusCode() < 500) {
                    throw new AssertionError("refused to publish topic=" + topic + " " + trouble);
                }
            } catch (IOException e) {
                trouble = e.toString();
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "gave up to publish topic=%s attempts=%d %s"
                                .formatted(topic, attempt, trouble));
            }
            LockSupport.parkNanos(BETWEEN_ATTEMPTS.toNanos());
        }
    }

    /** {@return {@code topic} as it stands in a path} */
    public static String path(String topic) {
        return Arrays.stream(topic.split("/", -1))
                .map(PublishClient::encoded)
                .collect(Collectors.joining("/"));
    }

    /** {@return {@code text} as it stands in a path segment or a query} */
    public static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** {@return what stands as {@code text} in a path segment or a query} */
    static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private HttpResponse<String> post(String target, String data) throws IOException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.getAsInt() + target))
                        .timeout(ANSWER_TIMEOUT)
                        .POST(HttpRequest.BodyPublishers.ofString(data))
                        .build();
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while publishing", e);
        }
    }
}
