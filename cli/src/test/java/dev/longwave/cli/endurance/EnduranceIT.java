package dev.longwave.cli.endurance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.cli.LongwaveProcess;
import dev.longwave.testing.Churn;
import dev.longwave.testing.FrozenReader;
import dev.longwave.testing.ProcessSnapshot;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real server process under readers that do not read, clients that churn, and connections that
 * break. On Linux only, because it reads {@code /proc}.
 */
@EnabledOnOs(OS.LINUX)
final class EnduranceIT {

    private static final System.Logger LOGGER = System.getLogger(EnduranceIT.class.getName());
    private static final int MIB = 1 << 20;

    /**
     * Files and threads that a JVM opens for itself now and then; 20,000 connections are far more.
     */
    private static final int OWN_AFFAIRS = 10;

    @Test
    void frozenReaderCostsNobodyElseAnything() throws Exception {
        int events = 2000;
        // On a busy machine, the healthy readers may not read for longer than the default deadline.
        try (LongwaveProcess server = LongwaveProcess.serve("net.write-deadline=PT1H");
                var _ = new FrozenReader(server.uri("/events/hot"))) {
            var healthy = new ArrayList<CountingReader>();
            try {
                for (int i = 0; i < 1000; i++) {
                    healthy.add(new CountingReader(server.uri("/events/hot"), events));
                }
                for (CountingReader reader : healthy) {
                    reader.awaitOpen();
                }
                ProcessSnapshot before = ProcessSnapshot.of(server.pid());

                for (int first = 1; first <= events; first += 100) {
                    publish(server.uri("/events/hot"), first, first + 99);
                }
                for (CountingReader reader : healthy) {
                    reader.awaitAll();
                }

                ProcessSnapshot after = ProcessSnapshot.of(server.pid());
                LOGGER.log(System.Logger.Level.INFO, "frozen reader: {0} then {1}", before, after);
                assertThat(after.liveHeapBytes()).isLessThan(before.liveHeapBytes() + 8 * MIB);
                // That it is cut off in the end is for LifecycleIT, where the server can be asked.
            } finally {
                for (CountingReader reader : healthy) {
                    reader.close();
                }
            }
        }
    }

    @Test
    void churnLeavesNothingBehind() throws Exception {
        try (LongwaveProcess server =
                LongwaveProcess.serve("sse.heartbeat-interval=PT0.5S", "hub.topic-linger=PT0.5S")) {
            URI hot = server.uri("/events/churn");
            // The first round warms the server up: classes, compiled code, buffers.
            new Churn(hot, 2000, 200, 1).run(Duration.ofMinutes(10));
            ProcessSnapshot before = settled(server, Integer.MAX_VALUE);

            Churn.Result result = new Churn(hot, 20_000, 300, 2).run(Duration.ofMinutes(10));

            assertThat(result.answered()).isPositive();
            assertThat(result.refused()).isZero();
            ProcessSnapshot after = settled(server, before.fileDescriptors() + OWN_AFFAIRS);
            LOGGER.log(
                    System.Logger.Level.INFO,
                    "churn of 20000: {0}, {1} then {2}",
                    result,
                    before,
                    after);
            assertThat(after.fileDescriptors())
                    .isLessThanOrEqualTo(before.fileDescriptors() + OWN_AFFAIRS);
            assertThat(after.virtualThreads())
                    .isLessThanOrEqualTo(before.virtualThreads() + OWN_AFFAIRS);
            assertThat(after.platformThreads())
                    .isLessThanOrEqualTo(before.platformThreads() + OWN_AFFAIRS);
            assertThat(after.liveHeapBytes()).isLessThan(before.liveHeapBytes() + 8 * MIB);
        }
    }

    @Test
    void pipelineIsCompleteAndInOrderThoughItsConnectionsBreak(@TempDir Path folder)
            throws Exception {
        int lines = 100_000;
        Path numbers = folder.resolve("numbers");
        Files.write(numbers, IntStream.rangeClosed(1, lines).mapToObj(Integer::toString).toList());
        Path received = folder.resolve("received");
        try (LongwaveProcess server = LongwaveProcess.serve("sse.retry=PT0.1S");
                var proxy = new FaultProxy(server.port())) {
            String url = "http://127.0.0.1:" + proxy.port();
            Process subscriber =
                    LongwaveProcess.builder(
                                    List.of("subscribe", "t", "--url", url, "--since", "earliest"))
                            .redirectOutput(received.toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            Process publisher =
                    LongwaveProcess.builder(List.of("publish", "t", "--url", url))
                            .redirectInput(numbers.toFile())
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            try {
                for (int cut = 1; cut <= 8; cut++) {
                    int lineCount = cut * 10_000;
                    await().pollInterval(Duration.ofMillis(20))
                            .until(() -> countLines(received) >= lineCount);
                    proxy.cut();
                }
                assertThat(publisher.waitFor(5, TimeUnit.MINUTES)).isTrue();
                assertThat(publisher.exitValue()).isZero();
                post(server.uri("/events/t?end=true"), "the end", "text/plain");

                assertThat(subscriber.waitFor(5, TimeUnit.MINUTES)).isTrue();
                assertThat(subscriber.exitValue()).isZero();
                List<String> expected = new ArrayList<>(Files.readAllLines(numbers));
                expected.add("the end");
                assertThat(Files.readAllLines(received)).isEqualTo(expected);
            } finally {
                subscriber.destroyForcibly();
                publisher.destroyForcibly();
            }
        }
    }

    private static long countLines(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        long count = 0;
        for (byte b : bytes) {
            if (b == '\n') {
                count++;
            }
        }
        return count;
    }

    /** Waits until no more files are open than that, and no more threads than need be. */
    private static ProcessSnapshot settled(LongwaveProcess server, int fileDescriptors)
            throws IOException, InterruptedException {
        var latest = new ProcessSnapshot[] {ProcessSnapshot.of(server.pid())};
        await().pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    ProcessSnapshot previous = latest[0];
                    latest[0] = ProcessSnapshot.of(server.pid());
                    return latest[0].fileDescriptors() <= fileDescriptors
                            && latest[0].virtualThreads() == previous.virtualThreads()
                            && latest[0].fileDescriptors() == previous.fileDescriptors();
                });
        return latest[0];
    }

    private static void publish(URI topic, int first, int last)
            throws IOException, InterruptedException {
        var body = new StringBuilder();
        for (int number = first; number <= last; number++) {
            String data = (number + " ").concat("x".repeat(256)).substring(0, 256);
            body.append("{\"data\":\"").append(data).append("\"}\n");
        }
        post(topic, body.toString(), "application/x-ndjson");
    }

    private static void post(URI uri, String body, String contentType)
            throws IOException, InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpResponse<String> response =
                    client.send(
                            HttpRequest.newBuilder(uri)
                                    .header("Content-Type", contentType)
                                    .timeout(Duration.ofMinutes(5))
                                    .POST(
                                            HttpRequest.BodyPublishers.ofString(
                                                    body, StandardCharsets.UTF_8))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
        }
    }
}
