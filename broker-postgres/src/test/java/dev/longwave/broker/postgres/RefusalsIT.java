package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.testing.RecordingSink;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A server that answers, and does not store. */
final class RefusalsIT extends PostgresFixture {

    @Override
    protected Map<String, String> deployment() {
        return Map.of("url", server.jdbcUrl(), "user", "longwave", "resync-period", "PT0.5S");
    }

    /** The error of a server whose disk is full, raised where that server would raise it. */
    @Test
    void saysThatTheDiskIsFull() {
        assertRefuses(
                """
                CREATE FUNCTION longwave.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
                END $$;
                CREATE TRIGGER full_disk BEFORE INSERT ON longwave.event
                FOR EACH ROW EXECUTE FUNCTION longwave.full_disk()
                """,
                Reason.FULL,
                "DROP FUNCTION longwave.full_disk() CASCADE");
    }

    @Test
    void saysThatAPermissionIsMissing() {
        String function =
                "longwave.store(text[], text[], text[], text[], bytea[], text[], boolean[],"
                        + " interval, text)";
        assertRefuses(
                "REVOKE EXECUTE ON FUNCTION " + function + " FROM longwave",
                Reason.DENIED,
                "GRANT EXECUTE ON FUNCTION " + function + " TO longwave");
    }

    @Test
    void saysThatTheServerIsReadOnly() throws SQLException {
        Broker node = createNode();
        try (Connection admin = DriverManager.getConnection(server.jdbcUrl(), server.user(), "");
                Statement statement = admin.createStatement()) {
            statement.execute("SET default_transaction_read_only = off");
            statement.execute("ALTER SYSTEM SET default_transaction_read_only = on");
            statement.execute("SELECT pg_reload_conf()");
            try {
                assertRefusesNow(node, Reason.READ_ONLY);
            } finally {
                statement.execute("ALTER SYSTEM RESET default_transaction_read_only");
                statement.execute("SELECT pg_reload_conf()");
            }
        }
        assertRecovers(node);
    }

    @Test
    void saysThatTheSchemaIsMissing() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);
        publishNumbers(node, 1, 1);
        try (var log = new LogRecorder()) {
            server.psql("ALTER SCHEMA longwave RENAME TO elsewhere");
            try {
                assertThat(refusal(node).reason()).isEqualTo(Reason.MISCONFIGURED);
                awaitThat(
                        "the reason of the state",
                        () ->
                                statuses(node).stream()
                                        .anyMatch(it -> it.reason().contains("schema")));
                awaitThat("a line about it", () -> !log.lines("schema").isEmpty());
            } finally {
                server.psql("ALTER SCHEMA elsewhere RENAME TO longwave");
            }
            assertRecovers(node);
            assertThat(log.lines("refuses to store messages")).hasSize(1);
        }
        sink.awaitText("back");
        assertThat(sink.gaps()).isEmpty();
    }

    private void assertRefuses(String breaking, Reason reason, String mending) {
        Broker node = createNode();
        server.psql(breaking);
        try {
            assertRefusesNow(node, reason);
        } finally {
            server.psql(mending);
        }
        assertRecovers(node);
    }

    private void assertRefusesNow(Broker node, Reason reason) {
        try (var log = new LogRecorder()) {
            eventually("a refusal for the reason").until(() -> refusal(node).reason() == reason);
            refusal(node);

            awaitThat("word of it", () -> states(node).getLast() == BrokerState.DEGRADED);
            assertThat(statuses(node).getLast().reason()).contains(reason.word());
            assertThat(log.lines("refuses to store messages")).hasSize(1);
            assertThat(log.lines("refuses to store messages").getFirst())
                    .contains("reason=" + reason.word());
        }
    }

    private BrokerRefusedException refusal(Broker node) {
        Throwable refusal =
                eventually("a refusal")
                        .until(
                                () -> catchThrowable(() -> node.publish(topic, text("refused"))),
                                BrokerRefusedException.class::isInstance);
        return (BrokerRefusedException) refusal;
    }

    /** By itself: the probe finds out. */
    private void assertRecovers(Broker node) {
        awaitThat("recovery", () -> states(node).getLast() == BrokerState.CONNECTED);
        node.publish(topic, text("back"));
    }
}
