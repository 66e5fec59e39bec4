package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Settings;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.RedisServer;
import dev.longwave.server.LongwaveServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that is started before its broker. */
final class WaitForBrokerIT {

    private static final Duration DEADLINE = Duration.ofMinutes(5);

    @TempDir private Path plugins;
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(DEADLINE).build();

    @Test
    void isAliveButNotReadyUntilItsBrokerIsThere() throws Exception {
        int adminPort = LongwaveProcess.freePort();
        try (RedisServer redis = RedisServer.start(RedisServer.Product.REDIS);
                var route = new FaultProxy(redis.port());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            route.refuse();
            var settings =
                    new Settings(
                            Map.of(
                                    "server.port", "0",
                                    "server.wait-for-broker", "PT1H",
                                    "admin.port", Integer.toString(adminPort),
                                    "broker.type", "redis",
                                    "broker.redis.uri", "redis://127.0.0.1:" + route.port()));
            Future<LongwaveServer> starting =
                    threads.submit(() -> LongwaveServer.start(settings, plugins));

            awaitStatus(adminPort, "/health/ready", 503);
            assertThat(status(adminPort, "/health/live")).isEqualTo(200);
            assertThat(body(adminPort, "/health/ready"))
                    .contains("\"state\":\"disconnected\"")
                    .contains("has not reached the broker yet");
            assertThat(status(adminPort, "/figures")).isEqualTo(404);
            assertThat(starting.isDone()).isFalse();

            route.heal();

            try (LongwaveServer _ = starting.get(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
                assertThat(status(adminPort, "/health/ready")).isEqualTo(200);
                assertThat(status(adminPort, "/figures?once")).isEqualTo(200);
            }
        }
    }

    private void awaitStatus(int port, String path, int status) {
        await().atMost(DEADLINE)
                .pollInterval(Duration.ofMillis(20))
                .ignoreException(ConnectException.class)
                .until(() -> status(port, path) == status);
    }

    private int status(int port, String path) throws IOException, InterruptedException {
        return client.send(request(port, path), BodyHandlers.discarding()).statusCode();
    }

    private String body(int port, String path) throws IOException, InterruptedException {
        return client.send(request(port, path), BodyHandlers.ofString()).body();
    }

    private static HttpRequest request(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(DEADLINE)
                .build();
    }
}
