package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerStatus;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.RecordingSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How a node receives events that others publish. */
final class LiveDeliveryIT extends PostgresFixture {

    private static final int TOPICS = 5000;

    /** Long enough that only a notification can deliver an event within a test. */
    private static final Map<String, String> NO_CHECKS = Map.of("resync-period", "PT1M");

    @Override
    protected Map<String, String> deployment() {
        return Map.of("url", server.jdbcUrl(), "user", "longwave", "timeout", "PT1M");
    }

    @Test
    void findsByTheTailsWhatNoNotificationTold() {
        try (var proxy = new FaultProxy(server.port())) {
            Broker node = createNode(Map.of("listen-url", server.jdbcUrl(proxy.port())));
            Broker other = createNode();
            var sink = new RecordingSink();
            node.subscribe(topic, sink);
            publishNumbers(other, 1, 1);
            sink.awaitText("1");

            proxy.blackholeAnswers();
            publishNumbers(other, 2, 2);

            sink.awaitText("2"); // the notification is still held back
            assertThat(sink.texts()).containsExactly("1", "2");
        }
    }

    @Test
    void receivesAgainOnceItsConnectionIsBack() {
        try (var proxy = new FaultProxy(server.port())) {
            Broker node =
                    createNode(
                            Map.of(
                                    "listen-url",
                                    server.jdbcUrl(proxy.port()),
                                    "resync-period",
                                    "PT1M"));
            var sink = new RecordingSink();
            node.subscribe(topic, sink);

            proxy.cut();
            publishNumbers(createNode(), 1, 100);

            sink.awaitCount(100);
            assertThat(sink.texts()).isEqualTo(numbers(1, 100));
            assertThat(statuses(node))
                    .extracting(BrokerStatus::reason)
                    .contains("the connection for notifications was lost sqlstate=08006");
        }
    }

    @Test
    void deliversEventsOfThousandsOfTopics() {
        Broker node = createNode(NO_CHECKS);
        var arrived = new AtomicInteger();
        for (int i = 1; i <= TOPICS; i++) {
            node.subscribe(topic + '/' + i, new RecordingSink(_ -> arrived.incrementAndGet()));
        }

        server.psql(
                "SELECT count(longwave.longwave_publish('%s/' || i, NULL, 'x')) FROM generate_series(1, %d) i"
                        .formatted(topic, TOPICS));

        awaitThat("all topics", () -> arrived.get() == TOPICS);
    }

    @Test
    void readsNothingOfTopicsThatWereLeft() {
        server.psql("ALTER ROLE longwave SET log_min_duration_statement = 0");
        try {
            Broker node = createNode(NO_CHECKS);
            var kept = new RecordingSink();
            node.subscribe(topic + "/kept", kept);

            node.subscribe(topic + "/left", new RecordingSink()).close();

            // Unsubscribing from the last subscriber's topic is done in the background.
            awaitThat("the end of all interest", () -> readsOnly(kept, topic + "/left"));
        } finally {
            server.psql("ALTER ROLE longwave RESET log_min_duration_statement");
        }
    }

    /** {@return whether only one of two events is read, where the other one is announced before} */
    private boolean readsOnly(RecordingSink kept, String left) {
        int logged = server.process().log().length();
        int number = kept.entries().size() + 1;
        publishInSql(left, number);
        publishInSql(topic + "/kept", number);
        kept.awaitCount(number);
        String log = server.process().log().substring(logged);
        assertThat(log).as("the server's log").contains(topic + "/kept");
        return !log.contains(left);
    }

    private void publishInSql(String to, int number) {
        server.psql("SELECT longwave.longwave_publish('%s', NULL, '%d')".formatted(to, number));
    }

    @Test
    void leavesNothingOnTheServerWhereNothingWasPublished() {
        Broker node = createNode(NO_CHECKS);
        var subscriptions = new ArrayList<Broker.Subscription>();
        for (int i = 1; i <= TOPICS; i++) {
            subscriptions.add(node.subscribe(topic + '/' + i, new RecordingSink()));
        }
        subscriptions.forEach(Broker.Subscription::close);

        assertThat(
                        server.psql(
                                "SELECT count(*) FROM longwave.topic WHERE name LIKE '"
                                        + topic
                                        + "%'"))
                .isEqualTo("0");
    }

    @Test
    void deliversMoreThanFitsIntoOneResult() {
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
