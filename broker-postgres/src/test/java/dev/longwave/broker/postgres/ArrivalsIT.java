package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.DeploymentFixture;
import dev.longwave.broker.RecordingSink;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How events that others have published come to a node. */
final class ArrivalsIT extends DeploymentFixture {

    private static final int TOPICS = 5000;

    /** So long that only a notification can be what brings an event. */
    private static final Map<String, String> NO_CHECKS = Map.of("resync-period", "PT1M");

    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start();
        server.psql("CREATE ROLE longwave LOGIN");
        server.psql("CREATE SCHEMA longwave AUTHORIZATION longwave");
    }

    @AfterAll
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected BrokerProvider provider() {
        return new PostgresBrokerProvider();
    }

    @Override
    protected Map<String, String> deployment() {
        return Map.of("url", server.jdbcUrl(), "user", "longwave");
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of();
    }

    @Test
    void findsByTheTailsWhatNoNotificationTold() {
        try (var way = new FaultProxy(server.port())) {
            Broker node = createNode(Map.of("listen-url", server.jdbcUrl(way.port())));
            Broker other = createNode();
            var sink = new RecordingSink();
            node.subscribe(topic, sink);
            publishNumbers(other, 1, 1);
            sink.awaitText("1");

            way.blackholeAnswers();
            publishNumbers(other, 2, 2);

            sink.awaitText("2"); // the notification is held back still
            assertThat(sink.texts()).containsExactly("1", "2");
        }
    }

    @Test
    void hearsAgainOnceItsConnectionIsBack() {
        try (var way = new FaultProxy(server.port())) {
            Broker node =
                    createNode(
                            Map.of(
                                    "listen-url",
                                    server.jdbcUrl(way.port()),
                                    "resync-period",
                                    "PT1M"));
            var sink = new RecordingSink();
            node.subscribe(topic, sink);

            way.cut();
            publishNumbers(createNode(), 1, 100);

            sink.awaitCount(100);
            assertThat(sink.texts()).isEqualTo(numbers(1, 100));
        }
    }

    @Test
    void bringsNewsOfThousandsOfTopics() {
        var node = (PostgresBroker) createNode(NO_CHECKS);
        var arrived = new AtomicInteger();
        var subscriptions = new ArrayList<Broker.Subscription>();
        for (int i = 1; i <= TOPICS; i++) {
            subscriptions.add(
                    node.subscribe(
                            topic + '/' + i, new RecordingSink(_ -> arrived.incrementAndGet())));
        }

        server.psql(
                "SELECT count(longwave.longwave_publish('%s/' || i, NULL, 'x')) FROM generate_series(1, %d) i"
                        .formatted(topic, TOPICS));

        awaitThat("all topics", () -> arrived.get() == TOPICS);
        subscriptions.forEach(Broker.Subscription::close);
        awaitThat("the end of all interest", () -> node.interestingTopics() == 0);
    }

    @Test
    void leavesNothingOnTheServerWhereNothingWasPublished() {
        var node = (PostgresBroker) createNode(NO_CHECKS);
        var subscriptions = new ArrayList<Broker.Subscription>();
        for (int i = 1; i <= TOPICS; i++) {
            subscriptions.add(node.subscribe(topic + '/' + i, new RecordingSink()));
        }
        subscriptions.forEach(Broker.Subscription::close);

        awaitThat("the end of all interest", () -> node.interestingTopics() == 0);
        assertThat(
                        server.psql(
                                "SELECT count(*) FROM longwave.topic WHERE name LIKE '"
                                        + topic
                                        + "%'"))
                .isEqualTo("0");
    }

    @Test
    void bringsMoreThanFitsIntoOneAnswer() {
        Broker node = createNode(NO_CHECKS);
        var sinks = new ArrayList<RecordingSink>();
        for (int i = 1; i <= 10; i++) {
            var sink = new RecordingSink();
            sinks.add(sink);
            node.subscribe(topic + '/' + i, sink);
        }

        server.psql(
                "SELECT count(longwave.longwave_publish('%s/' || i, NULL, rpad(j::text, 1000))) FROM generate_series(1, 500) j, generate_series(1, 10) i"
                        .formatted(topic));
        server.psql(
                "SELECT count(longwave.longwave_publish('%s/' || i, NULL, rpad('end', 900000))) FROM generate_series(1, 10) i"
                        .formatted(topic));

        for (RecordingSink sink : sinks) {
            sink.awaitCount(501);
            List<String> texts = sink.texts().stream().map(String::strip).toList();
            assertThat(texts.subList(0, 500)).isEqualTo(numbers(1, 500));
            assertThat(texts.getLast()).isEqualTo("end");
            assertThat(sink.gaps()).isEmpty();
        }
    }
}
