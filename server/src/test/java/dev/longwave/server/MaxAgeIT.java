package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Message;
import dev.longwave.testing.SignedToken;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Streams that end because they are old. */
final class MaxAgeIT {

    private static final Duration MAX_AGE = Duration.ofSeconds(1);
    private static final Duration PACE = Duration.ofMillis(1);

    private final Instant began = Instant.now();

    private static TestServer server(String... more) {
        var settings = new ArrayList<>(List.of(more));
        settings.add("sse.max-age=" + MAX_AGE);
        settings.add("sse.retry=PT0.1S");
        settings.add("sse.heartbeat-interval=PT10M");
        return TestServer.with(settings.toArray(String[]::new));
    }

    private Duration elapsed() {
        return Duration.between(began, Instant.now());
    }

    @Test
    void endsAStreamWithALastRetry() throws Exception {
        try (TestServer server = server();
                RawStream stream = RawStream.subscribe(server.port(), "/events/a")) {
            List<String> lines = stream.rest();

            assertThat(elapsed()).isGreaterThanOrEqualTo(MAX_AGE.multipliedBy(9).dividedBy(10));
            assertThat(lines).filteredOn(line -> line.startsWith("retry: ")).hasSize(2);
            assertThat(lines.getLast()).isEmpty(); // the last chunk: the body is complete
        }
    }

    @Test
    void endsStreamsOfTheSameMomentAtDifferentOnes() throws Exception {
        try (TestServer server = server();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<RawStream> streams = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                streams.add(RawStream.subscribe(server.port(), "/events/a"));
            }
            var ends = new ArrayList<Future<Duration>>();
            for (RawStream stream : streams) {
                Callable<Duration> end =
                        () -> {
                            var _ = stream.rest();
                            return elapsed();
                        };
                ends.add(threads.submit(end));
            }

            var moments = new ArrayList<Duration>();
            for (Future<Duration> end : ends) {
                moments.add(end.get());
            }

            moments.sort(null);
            assertThat(moments.getLast().minus(moments.getFirst()))
                    .isGreaterThan(Duration.ofMillis(20));
        }
    }

    /** A client that resumes sees each event once, although the stream ends in between. */
    @Test
    void losesNothing() throws Exception {
        int streams = 3;
        try (TestServer server = server();
                ExecutorService publisher = Executors.newVirtualThreadPerTaskExecutor()) {
            var received = new ArrayList<String>();
            String id = "";
            Future<Integer> published = null;
            for (int i = 0; i < streams; i++) {
                try (RawStream stream =
                        RawStream.subscribe(
                                server.port(),
                                "/events/a",
                                id.isEmpty() ? "X-Nothing: 0" : "Last-Event-ID: " + id)) {
                    if (published == null) {
                        published = publisher.submit(() -> publishFor(server, streams));
                    }
                    for (String line : stream.rest()) {
                        if (line.startsWith("data: ")) {
                            received.add(line.substring("data: ".length()));
                        } else if (line.startsWith("id: ")) {
                            id = line.substring("id: ".length());
                        }
                    }
                }
            }
            int last = published == null ? 0 : published.get();
            try (RawStream rest =
                    RawStream.subscribe(server.port(), "/events/a", "Last-Event-ID: " + id)) {
                while (received.isEmpty() || !received.getLast().equals("" + last)) {
                    received.add(rest.lineWith("data: ").substring("data: ".length()));
                }
            }

            assertThat(received).hasSizeGreaterThan(streams);
            for (int i = 0; i < received.size(); i++) {
                assertThat(received.get(i)).isEqualTo("" + (i + 1));
            }
        }
    }

    /** Publishes without a break until {@code ages} are over, and returns the last number. */
    private int publishFor(TestServer server, int ages) {
        int number = 0;
        while (elapsed().compareTo(MAX_AGE.multipliedBy(ages)) < 0) {
            number++;
            server.server()
                    .publish("a", Message.of(("" + number).getBytes(StandardCharsets.UTF_8)));
            LockSupport.parkNanos(PACE.toNanos()); // so that history has all of it
        }
        return number;
    }

    @Test
    void letsACredentialEndAStreamBefore() throws Exception {
        try (TestServer server =
                server("auth.jwt.secret=" + SignedToken.SECRET, "sse.retry=PT0.1S")) {
            SignedToken alice =
                    SignedToken.of("alice").subscribe("a").expires(began.plusMillis(800));
            try (RawStream stream =
                    RawStream.subscribe(
                            server.port(), "/events/a", "Authorization: " + alice.bearer())) {
                if (stream.head().getFirst().contains("200")) { // unless the machine was slow
                    var _ = stream.rest();
                }
            }
            try (RawStream again =
                    RawStream.subscribe(
                            server.port(), "/events/a", "Authorization: " + alice.bearer())) {
                assertThat(again.head().getFirst()).contains("401");
            }
        }
    }

    @Test
    void isASecondOrMore() {
        assertThatThrownBy(() -> TestServer.with("sse.max-age=PT0.5S"))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("sse.max-age");
    }
}
