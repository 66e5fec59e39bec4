package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Durability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Position;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Start;
import dev.longwave.broker.TopicSyntax;
import dev.longwave.broker.testing.RecordingSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Publishing in SQL, by a role that may do nothing else. */
final class PublishFunctionIT extends PostgresFixture {

    private static final String PUBLISH = "SET ROLE shop; SELECT longwave.longwave_publish";

    @BeforeAll
    static void createTheRoleOfAnApplication() {
        server.psql("CREATE ROLE shop");
    }

    @Override
    protected Map<String, String> deployment() {
        // Long enough that only a notification can deliver an event within a test.
        return Map.of(
                "url",
                server.jdbcUrl(),
                "user",
                "longwave",
                "resync-period",
                "PT1M",
                "timeout",
                "PT1M");
    }

    private Broker createNodeForShop() {
        Broker node = createNode();
        server.psql(
                "GRANT USAGE ON SCHEMA longwave TO shop;"
                        + "GRANT EXECUTE ON FUNCTION longwave.longwave_publish TO shop");
        return node;
    }

    @Test
    void deliversLiveWhatATransactionPublishes() {
        Broker node = createNodeForShop();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        server.psql(
                "BEGIN; %s('%s', 'paid', '{\"é\":7}', 'k', 'm-1', true); COMMIT"
                        .formatted(PUBLISH, topic));

        sink.awaitCount(1);
        Entry entry = sink.entries().getFirst();
        assertThat(sink.texts()).containsExactly("{\"é\":7}");
        assertThat(entry.message().type()).isEqualTo("paid");
        assertThat(entry.message().key()).isEqualTo("k");
        assertThat(entry.message().id()).isEqualTo("m-1");
        assertThat(entry.message().end()).isTrue();
        assertThat(node.publish(topic, text("again", "m-1")).duplicate()).isTrue();
    }

    @Test
    void publishesAttributes() {
        Broker node = createNodeForShop();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        server.psql(
                "%s('%s', NULL, '{}', attributes => '%s')"
                        .formatted(
                                PUBLISH,
                                topic,
                                "{\"content-type\": \"application/json\", \"author\": \"Zoë:"
                                        + " 😀\"}"));
        server.psql("%s('%s', NULL, 'x', attributes => '{}')".formatted(PUBLISH, topic));

        sink.awaitCount(2);
        Map<String, String> expected =
                Map.of("content-type", "application/json", "author", "Zoë: 😀");
        assertThat(sink.entries().getFirst().message().attributes().toMap()).isEqualTo(expected);
        assertThat(sink.entries().getLast().message()).isEqualTo(text("x"));
        assertThat(readAll(node, Start.earliest(), null))
                .extracting(Entry::message)
                .isEqualTo(sink.entries().stream().map(Entry::message).toList());
    }

    @Test
    void goesOnAfterForeignRows() {
        Broker node = createNodeForShop();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        publishNumbers(node, 1, 1);

        server.psql(
                """
                INSERT INTO longwave.event (topic_id, seq, at, message_id, type, key, data, attributes, ends)
                SELECT id, 2, at, 'no id', 'gap', '', '2', 'no attributes', false
                FROM longwave.topic WHERE name = '%s';
                UPDATE longwave.topic SET seq = 2 WHERE name = '%s'
                """
                        .formatted(topic, topic));
        server.psql("%s('%s', NULL, '3')".formatted(PUBLISH, topic));

        sink.awaitText("3");
        assertThat(sink.texts()).isEqualTo(numbers(1, 3));
        assertThat(sink.gaps()).isEmpty();
        assertThat(sink.entries().get(1).message()).isEqualTo(text("2"));
        assertThat(RecordingSink.texts(readAll(node, Start.earliest(), null)))
                .isEqualTo(numbers(1, 3));
    }

    /** Live, and again in history. The limit is that of the node, which a row need not keep. */
    @Test
    void skipsWhatIsLongerThanDataMayBe() {
        Broker node = createNode(Map.of("max-message-bytes", "1000B"));
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        publishNumbers(node, 1, 1);

        server.psql(
                """
                INSERT INTO longwave.event (topic_id, seq, at, prev_at, type, data, ends)
                SELECT id, 2, at, at, repeat('t', 100000), decode(repeat('00', 2000), 'hex'), false
                FROM longwave.topic WHERE name = '%s';
                UPDATE longwave.topic SET seq = 2 WHERE name = '%s'
                """
                        .formatted(topic, topic));
        publishNumbers(node, 3, 3);

        sink.awaitText("3");
        assertThat(sink.texts()).containsExactly("1", "3");
        assertThat(sink.positions()).extracting(Position::major).containsExactly(1L, 3L);
        assertThat(sink.gaps()).isEmpty();
        assertThat(RecordingSink.texts(readAll(node, Start.earliest(), null)))
                .containsExactly("1", "3");
    }

    /** The characters that no topic may have are named in the function one by one. */
    @Test
    void refusesTheCharactersThatAUrlMayNotHave() {
        createNode();
        String refused =
                server.psql(
                        """
                        SELECT string_agg(i::text, ',' ORDER BY i) FROM generate_series(1, 1114111) i
                        WHERE i NOT BETWEEN 55296 AND 57343 AND longwave.topic_fault('a' || chr(i) || 'b') IS NOT NULL
                        """);

        String expected =
                IntStream.rangeClosed(1, Character.MAX_CODE_POINT)
                        .filter(i -> i < Character.MIN_SURROGATE || i > Character.MAX_SURROGATE)
                        .filter(i -> TopicSyntax.fault("a" + Character.toString(i) + 'b') != null)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(","));
        assertThat(refused).isEqualTo(expected);
    }

    /** Batches that lock the counters of the same topics in different orders. */
    @Test
    void publishesBatchesWithoutDeadlocks() throws Exception {
        Broker node = createNode();
        Broker other = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        var forward = new ArrayList<Publication>();
        for (int i = 1; i <= 300; i++) {
            String to = i % 10 == 0 ? topic : topic + '/' + i % 10;
            forward.add(Publication.of(to, text(Integer.toString(i))));
        }

        join(
                List.of(
                        run(() -> assertAllPublished(node.publishAll(forward))),
                        run(() -> assertAllPublished(other.publishAll(forward.reversed())))));

        sink.awaitCount(60);
        List<String> tens = numbers(1, 30).stream().map(it -> it + '0').toList();
        assertThat(sink.texts()).containsSubsequence(tens).containsSubsequence(tens.reversed());
        assertThat(sink.gaps()).isEmpty();
    }

    private static void assertAllPublished(List<PublishResult> results) {
        assertThat(results).hasSize(300).allMatch(it -> it.published().isPresent());
    }

    @Test
    void publishesNothingThatIsRolledBack() {
        Broker node = createNodeForShop();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        server.psql("BEGIN; %s('%s', NULL, 'never'); ROLLBACK".formatted(PUBLISH, topic));
        server.psql("%s('%s', NULL, '1')".formatted(PUBLISH, topic));

        sink.awaitCount(1);
        assertThat(sink.texts()).containsExactly("1");
        assertThat(readAll(node, Start.earliest(), null)).hasSize(1);
    }

    @Test
    void deliversToOtherNodesWhatOneNodePublishes() {
        Broker node = createNode();
        var sink = new RecordingSink();
        createNode().subscribe(topic, sink);

        publishNumbers(node, 1, 100);

        sink.awaitCount(100);
        assertThat(sink.texts()).isEqualTo(numbers(1, 100));
    }

    @Test
    void refusesWhatNoEventCanBe() {
        createNodeForShop();
        for (String arguments :
                new String[] {
                    "'', NULL, 'x'",
                    "'/a', NULL, 'x'",
                    "'a//b', NULL, 'x'",
                    "E'a\\nb', NULL, 'x'",
                    "repeat('é', 128), NULL, 'x'",
                    "'jobs/*', NULL, 'x'",
                    "'**', NULL, 'x'",
                    "'a' || chr(8203), NULL, 'x'",
                    "'a' || chr(8232) || 'b', NULL, 'x'",
                    "'$longwave/revoked', NULL, 'x'",
                    "'a', '', 'x'",
                    "'a', E'b\\nc', 'x'",
                    "'a', NULL, NULL",
                    "'a', NULL, 'x', NULL, 'with space'",
                    "'a', NULL, repeat('x', 1048577)",
                    "'a', 'gap', 'x'",
                    "'a', NULL, 'x', attributes => '[]'",
                    "'a', NULL, 'x', attributes => '{\"A\": \"x\"}'",
                    "'a', NULL, 'x', attributes => '{\"a\": 1}'",
                    "'a', NULL, 'x', attributes => '{\"a\": \"\"}'",
                    "'a', NULL, 'x', attributes => '{\"a\": \"x \"}'",
                    "'a', NULL, 'x', attributes => '{\"a\": \"x\\ny\"}'",
                    "'a', NULL, 'x', attributes => '{\"content-type\": \"text\"}'",
                    "'a', NULL, 'x', attributes => jsonb_build_object('a', repeat('é', 1024))",
                    "'a', NULL, 'x', attributes => (SELECT jsonb_object_agg('a' || i, 'x') FROM"
                            + " generate_series(1, 17) i)"
                }) {
            assertThatThrownBy(() -> server.psql(PUBLISH + '(' + arguments + ')'))
                    .as(arguments)
                    .hasMessageContaining("bad ");
        }
    }

    @Test
    void goesOnWhenItsBackendsAreTerminated() {
        Broker node = createNode(Map.of("resync-period", "PT2S"));
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        publishNumbers(node, 1, 1);

        server.psql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename ="
                        + " 'longwave'");
        server.psql("SELECT longwave.longwave_publish('%s', NULL, '2')".formatted(topic));

        sink.awaitText("2");
        assertThat(sink.texts()).containsExactly("1", "2");
    }

    @Test
    void makesPartitionsAhead() {
        createNode();

        String ahead =
                server.psql(
                        "SELECT count(*) FROM pg_inherits WHERE inhparent ="
                                + " 'longwave.event'::regclass");

        assertThat(Integer.parseInt(ahead)).isGreaterThan(3);
    }

    @Test
    void flushesWhereTheRoleWouldNot() {
        createNodeForShop();
        server.psql("ALTER ROLE longwave SET synchronous_commit = off");
        try {
            assertThat(createNode().publish(topic, text("1")).durability())
                    .isEqualTo(Durability.FLUSHED);
            assertThat(
                            server.psql(
                                    "SET synchronous_commit = off; SELECT"
                                            + " current_setting('synchronous_commit')"
                                            + " FROM longwave.longwave_publish('%s', NULL, '2')"
                                                    .formatted(topic)))
                    .isEqualTo("local");
        } finally {
            server.psql("ALTER ROLE longwave RESET synchronous_commit");
        }
    }
}
