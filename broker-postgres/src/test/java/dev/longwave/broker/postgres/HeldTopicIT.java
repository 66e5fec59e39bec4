package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.RecordingSink;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Transactions of applications that have published to topics, and do not end. */
final class HeldTopicIT extends PostgresFixture {

    private static final int PUBLISHERS = 30;
    private static final int ROUNDS = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    @Override
    protected Map<String, String> deployment() {
        return Map.of("url", server.jdbcUrl(), "user", "longwave", "timeout", PATIENCE.toString());
    }

    /** An application's open transaction, which has published to topics. */
    private static final class OpenTransaction implements AutoCloseable {

        private final Connection connection;

        OpenTransaction(String... topics) throws SQLException {
            connection =
                    DriverManager.getConnection(
                            server.jdbcUrl() + "?ApplicationName=billing", server.user(), "");
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                for (String each : topics) {
                    statement.execute(
                            "SELECT longwave.longwave_publish('%s', NULL, 'held')".formatted(each));
                }
            }
        }

        @Override
        public void close() throws SQLException {
            connection.commit();
            connection.close();
        }
    }

    /** More publishers than a node has connections. */
    @Test
    void holdsUpNoOtherTopic() throws Exception {
        Broker node = createNode();
        Broker other = createNode();
        String held = topic + "/held";
        String free = topic + "/free";
        var sink = new RecordingSink();
        node.subscribe(free, sink);
        publish(node, held, "first");
        Queue<BrokerException> failures = new ConcurrentLinkedQueue<>();
        var done = new AtomicBoolean();
        List<Future<?>> publishers = new ArrayList<>();

        try (var log = new LogRecorder()) {
            try (var _ = new OpenTransaction(held)) {
                for (int i = 0; i < PUBLISHERS; i++) {
                    publishers.add(run(() -> publishUntil(done, node, held, failures)));
                }
                awaitThat("a refusal of each", () -> failures.size() >= PUBLISHERS);
                for (int i = 1; i <= ROUNDS; i++) {
                    assertQuick(node, free, "here" + i);
                    assertQuick(other, free, "there" + i);
                    sink.awaitText("there" + i);
                    assertThat(node.history(free, Start.last(1), null, 1, ALL).entries())
                            .hasSize(1);
                }
                awaitThat("the name of who holds it", () -> !log.lines("billing").isEmpty());
                done.set(true);
            }
            join(publishers);

            assertThat(failures)
                    .allSatisfy(failure -> {
                        assertThat(failure).isInstanceOf(BrokerRefusedException.class);
                        assertThat(((BrokerRefusedException) failure).reason())
                                .isEqualTo(BrokerRefusedException.Reason.BUSY);
                    });
            assertThat(log.lines("billing")).hasSize(1);
            assertThat(log.lines("billing").getFirst())
                    .contains("pid=")
                    .contains("age=")
                    .contains("application_name=billing");
        }
        assertThat(states(node)).containsOnly(BrokerState.CONNECTED);
        assertThat(sink.gaps()).isEmpty();
        publish(node, held, "last");
        assertThat(RecordingSink.texts(readAll(node, held, Start.earliest(), null)))
                .startsWith("first", "held")
                .endsWith("last");
    }

    private static void publish(Broker node, String to, String text) {
        node.publish(to, text(text));
    }

    private static void publishUntil(
            AtomicBoolean done, Broker node, String to, Queue<BrokerException> failures) {
        while (!done.get()) {
            try {
                publish(node, to, "waiting");
            } catch (BrokerException e) {
                failures.add(e);
            }
        }
    }

    /** Far sooner than if it had to wait for a publisher that gives up. */
    private static void assertQuick(Broker node, String to, String text) {
        long begun = System.nanoTime();
        publish(node, to, text);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(PATIENCE.dividedBy(2));
    }

    @Test
    void storesTheRestOfABatch() throws Exception {
        Broker node = createNode();
        String held = topic + "/held";
        var publications =
                List.of(
                        Publication.of(topic + "/a", text("1")),
                        Publication.of(held, text("2")),
                        Publication.of(topic + "/b", text("3")),
                        Publication.of(held, text("4")));
        publish(node, held, "first");

        List<PublishResult> results;
        try (var _ = new OpenTransaction(held)) {
            results = node.publishAll(publications);
        }

        assertThat(results)
                .extracting(result -> result.published().isPresent())
                .containsExactly(true, false, true, false);
        assertThat(results.get(1).failure().orElseThrow())
                .isInstanceOf(BrokerRefusedException.class);
        assertThat(RecordingSink.texts(readAll(node, held, Start.earliest(), null)))
                .containsExactly("first", "held");
    }

    @Test
    void storesWhatWaitsAsSoonAsTheTransactionEnds() throws Exception {
        Broker node = createNode(Map.of("timeout", "PT1M"));
        String[] held = new String[20];
        for (int i = 0; i < held.length; i++) {
            held[i] = topic + '/' + i;
        }
        var waiting = new ArrayList<Future<?>>();

        try (var log = new LogRecorder();
                var _ = new OpenTransaction(held)) {
            for (String each : held) {
                waiting.add(run(() -> publish(node, each, "waited")));
            }
            awaitThat("the name of who holds them", () -> !log.lines("billing").isEmpty());
        }
        join(waiting);

        for (String each : held) {
            assertThat(RecordingSink.texts(readAll(node, each, Start.earliest(), null)))
                    .containsExactly("held", "waited");
        }
    }
}
