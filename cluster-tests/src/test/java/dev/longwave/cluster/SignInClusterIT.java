package dev.longwave.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.testing.Bus;
import dev.longwave.testing.SignedToken;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What nodes must agree on about clients: which tickets were used, and whose right has ended.
 *
 * <p>{@code -Dlongwave.cluster.tickets=1000} uses that many tickets rather than a hundred, {@code
 * -Dlongwave.cluster.streams=10000} opens that many streams.
 */
final class SignInClusterIT {

    private static final int TICKETS = Integer.getInteger("longwave.cluster.tickets", 100);
    private static final int STREAMS = Integer.getInteger("longwave.cluster.streams", 200);
    private static final int STREAMS_PER_SUBJECT = 10;
    private static final List<String> SETTINGS =
            List.of(
                    "auth.jwt.secret=" + SignedToken.SECRET,
                    "limits.tickets-per-minute=0",
                    "auth.ticket-lifetime=PT5M",
                    "limits.connections-per-address=0");
    private static final SignedToken PUBLISHER =
            SignedToken.of("publisher").publish("news").subscribe("news");

    @ParameterizedTest
    @EnumSource(Bus.Kind.class)
    void letsATicketBeUsedOnOneNodeOnly(Bus.Kind kind) throws Exception {
        try (Cluster cluster = Cluster.start(kind, 2, SETTINGS);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < TICKETS; i++) {
                String path = "/events/news?ticket=" + cluster.nodes().getFirst().ticket(PUBLISHER);
                var together = new CyclicBarrier(2);
                List<Callable<String>> attempts = new ArrayList<>();
                for (Node node : cluster.nodes()) {
                    attempts.add(() -> {
                        together.await();
                        return statusLine(node, path);
                    });
                }

                var answers = threads.invokeAll(attempts);

                assertThat(answers)
                        .extracting(Future::get)
                        .as("ticket %d", i)
                        .containsExactlyInAnyOrder("HTTP/1.1 200 OK", "HTTP/1.1 401 Unauthorized");
            }
        }
    }

    private static String statusLine(Node node, String path) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), node.process().port())) {
            socket.getOutputStream()
                    .write(
                            "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                    .formatted(path)
                                    .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            var line = new StringBuilder();
            for (int next = in.read(); next >= 0 && next != '\r'; next = in.read()) {
                line.append((char) next);
            }
            return line.toString();
        }
    }

    @ParameterizedTest
    @EnumSource(Bus.Kind.class)
    void endsTheStreamsOfRevokedSubjectsOnAllNodes(Bus.Kind kind) throws Exception {
        var readers = new ArrayList<SignedInReader>();
        try (Cluster cluster = Cluster.start(kind, 2, SETTINGS)) {
            for (int i = 0; i < STREAMS; i++) {
                Node node = cluster.nodes().get(i % 2);
                readers.add(new SignedInReader(node, "news", "subject-" + i / STREAMS_PER_SUBJECT));
            }
            await().until(() -> readers.stream().allMatch(SignedInReader::isOpen));
            Node first = cluster.nodes().getFirst();
            first.publish("news", "before", PUBLISHER);

            Map<String, Long> revoked = revokeEveryTenth(first);
            await().until(() ->
                    readers.stream()
                            .filter(reader -> revoked.containsKey(reader.subject()))
                            .allMatch(SignedInReader::hasEnded));
            first.publish("news", "after", PUBLISHER);

            // One wait for all of them: each takes its time, even where there is nothing to wait
            // for.
            List<SignedInReader> others =
                    readers.stream()
                            .filter(reader -> !revoked.containsKey(reader.subject()))
                            .toList();
            await().until(() ->
                    others.stream().allMatch(it -> it.data().equals(List.of("before", "after"))));
            assertThat(others).noneMatch(SignedInReader::hasEnded);
            assertThat(readers)
                    .filteredOn(reader -> revoked.containsKey(reader.subject()))
                    .noneMatch(reader -> reader.data().contains("after"));
            report(kind, readers, revoked);
            SignedToken subject3 = SignedToken.of("subject-3").subscribe("news");
            cluster.addNode(SETTINGS);
            for (Node node : cluster.nodes()) {
                assertThat(node.ask("/history/news", subject3).statusCode()).isEqualTo(401);
                assertThat(node.ask("/history/news", PUBLISHER).statusCode()).isEqualTo(200);
            }
        } finally {
            readers.forEach(SignedInReader::close);
        }
    }

    /** Revokes subject-3, subject-13, and so on; returns when each was. */
    private static Map<String, Long> revokeEveryTenth(Node node) throws Exception {
        var revoked = new HashMap<String, Long>();
        for (int subject = 3; subject < STREAMS / STREAMS_PER_SUBJECT; subject += 10) {
            revoked.put("subject-" + subject, System.nanoTime());
            assertThat(node.revoke("subject-" + subject).statusCode()).isEqualTo(202);
        }
        return revoked;
    }

    /** How long it took is not for this test to judge: the machine may be busy with others. */
    private static void report(
            Bus.Kind kind, List<SignedInReader> readers, Map<String, Long> revoked) {
        long[] millis =
                readers.stream()
                        .filter(reader -> revoked.containsKey(reader.subject()))
                        .mapToLong(reader ->
                                reader.endNanos()
                                        - Objects.requireNonNull(revoked.get(reader.subject())))
                        .map(TimeUnit.NANOSECONDS::toMillis)
                        .sorted()
                        .toArray();
        System.out.printf(
                "%s: %d of %d streams of %d revoked subjects ended, p50 %d ms, p99 %d ms%n",
                kind,
                millis.length,
                readers.size(),
                revoked.size(),
                millis[millis.length / 2],
                millis[millis.length * 99 / 100]);
    }
}
