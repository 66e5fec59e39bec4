package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.Publication;
import dev.longwave.broker.testing.RecordingSink;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a node finds out about its database, other than by publishing. */
final class InspectionIT extends PostgresFixture {

    @BeforeAll
    static void createAnotherDatabase() {
        server.psql("CREATE DATABASE other");
    }

    /** As through a pooler in transaction mode: LISTEN succeeds, and nothing arrives. */
    @Test
    void refusesToStartWhereNoNotificationArrives() {
        String elsewhere = server.jdbcUrl().replace("/postgres", "/other");

        assertThatThrownBy(() -> createNode(Map.of("listen-url", elsewhere, "timeout", "PT1S")))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("listen-url")
                .hasMessageContaining("PgBouncer");
    }

    @Test
    void saysThatTheSettingsOfNodesDiffer() {
        try (var log = new LogRecorder()) {
            createNode();
            createNode(Map.of("dedup-window", "PT5M"));

            awaitThat("a line about it", () -> !log.lines("settings of nodes").isEmpty());
            assertThat(log.lines("settings of nodes").getFirst())
                    .contains("dedup-window=PT5M")
                    .contains("dedup-window=PT2M");
        }
    }

    @Test
    void limitsTheDataOfApplicationsAsItsOwn() {
        createNode(Map.of("max-message-bytes", "1000B"));

        assertThatThrownBy(() ->
                        server.psql(
                                "SELECT longwave.longwave_publish('%s', NULL, repeat('x', 1001))"
                                        .formatted(topic)))
                .hasMessageContaining("at most 1000 bytes");
    }

    /** Publishes wait for the server, as long as they were not sent. */
    @Test
    void publishesAsSoonAsTheServerIsBack() throws Exception {
        Broker node = createNode(Map.of("timeout", "PT1M"));
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        publishNumbers(node, 1, 1);

        server.process().kill();
        awaitThat("word of it", () -> states(node).getLast() == BrokerState.DISCONNECTED);
        List<Future<?>> waiting =
                IntStream.range(0, 20)
                        .<Future<?>>mapToObj(
                                i -> run(() -> node.publish(topic + '/' + i, text("waited"))))
                        .toList();
        server.process().restart();

        join(waiting);
        publishNumbers(node, 2, 2);
        sink.awaitText("2");
        assertThat(sink.texts()).isEqualTo(numbers(1, 2));
        assertThat(sink.gaps()).isEmpty();
    }

    @Test
    void removesTheRowsOfDeletedTopics() {
        Broker node = createNode(Map.of("timeout", "PT1M"));
        List<Publication> many =
                IntStream.range(0, 2500)
                        .mapToObj(i -> Publication.of(topic, text("secret", "id-" + i)))
                        .toList();
        assertThat(node.publishAll(many)).allMatch(result -> result.failure().isEmpty());

        node.delete(topic);

        String rows =
                "SELECT count(*) FROM longwave.%s x JOIN longwave.topic t ON t.id = x.topic_id"
                        + " WHERE t.name = '%s'";
        assertThat(server.psql(rows.formatted("event", topic))).isEqualTo("0");
        assertThat(server.psql(rows.formatted("dedupe", topic))).isEqualTo("0");
        assertThat(node.publish(topic, text("new", "id-1")).duplicate()).isFalse();
    }
}
