package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Settings;
import dev.longwave.broker.Start;
import dev.longwave.core.Hub;
import dev.longwave.core.HubOptions;
import dev.longwave.server.auth.Access;
import dev.longwave.server.hooks.PublishHook;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Problems;
import dev.longwave.server.http.TopicsToRead;
import dev.longwave.server.http.TraceContext;
import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.net.MemoryBudget;
import dev.longwave.server.net.PlatformThreads;
import dev.longwave.server.publish.HistoryHandler;
import dev.longwave.server.publish.LineRequests;
import dev.longwave.server.publish.PublishHandler;
import dev.longwave.server.publish.PublishSettings;
import dev.longwave.server.publish.Publishing;
import dev.longwave.server.session.Sessions;
import dev.longwave.server.sse.SseSettings;
import dev.longwave.server.sse.SubscribeHandler;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is answered to a pattern, or an ephemeral event, where the broker has none. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BrokerWithoutPatternsIT {

    private final Hub hub = new Hub(new Plain(), HubOptions.defaults());
    private final Sessions sessions = new Sessions(Duration.ofSeconds(15), InstantSource.system());
    private final WebServer server = start();

    private WebServer start() {
        var settings = new Settings(Map.of());
        var toRead = new TopicsToRead(hub, "plain");
        InstantSource clock = InstantSource.system();
        var subscribe =
                new SubscribeHandler(
                        hub, Access.OPEN, toRead, sessions, SseSettings.read(settings), clock);
        var memory =
                new Memory(
                        new MemoryBudget(1 << 20), new MemoryBudget(4 << 20), new ClientFaults());
        var publishing =
                new Publishing(
                        hub,
                        Access.OPEN,
                        PublishSettings.read(settings),
                        (_, _) -> {},
                        PublishHook.NONE,
                        memory,
                        new PlatformThreads(),
                        new LineRequests(),
                        TraceContext::of);
        HttpRouting.Builder routing =
                HttpRouting.builder()
                        .get("/events", subscribe)
                        .get("/events/*", subscribe)
                        .post("/events/*", new PublishHandler(publishing))
                        .get("/history/*", new HistoryHandler(publishing, toRead, clock));
        Problems.handle(routing);
        return WebServer.builder().host("127.0.0.1").port(0).routing(routing).build().start();
    }

    @AfterAll
    void close() {
        server.stop();
        sessions.close();
        hub.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/events/jobs/*", "/events?topic=a&topic=jobs/**", "/history/jobs/*"})
    void saysThatItsBrokerHasNoPatterns(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + server.port() + path))
                                    .timeout(Duration.ofMinutes(5))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(501);
            assertThat(answer.headers().firstValue("Content-Type"))
                    .contains("application/problem+json");
            assertThat(TestServer.json(answer).get("type").textValue())
                    .isEqualTo("urn:longwave:problem:patterns-unsupported");
            assertThat(TestServer.json(answer).get("broker").textValue()).isEqualTo("plain");
        }
    }

    @Test
    void saysThatItsBrokerHasNoEphemeralEvents() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://127.0.0.1:%d/events/a?ephemeral=true"
                                                            .formatted(server.port())))
                                    .timeout(Duration.ofMinutes(5))
                                    .POST(HttpRequest.BodyPublishers.ofString("x"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(501);
            assertThat(TestServer.json(answer).get("type").textValue())
                    .isEqualTo("urn:longwave:problem:ephemeral-unsupported");
        }
    }

    /** A broker that fails if it is asked anything. */
    private static final class Plain implements Broker {

        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.HISTORY);
        }

        @Override
        public int maxMessageBytes() {
            return 1;
        }

        @Override
        public Published publish(String topic, Message message) {
            throw new AssertionError("asked to publish");
        }

        @Override
        public Subscription subscribe(String topic, Sink sink) {
            throw new AssertionError("asked for " + topic);
        }

        @Override
        public Page history(
                String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
            throw new AssertionError("asked for " + topic);
        }

        @Override
        public void close() {
            // Nothing to give back.
        }
    }
}
