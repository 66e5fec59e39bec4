package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Start;
import dev.longwave.broker.testing.DeploymentFixture;
import dev.longwave.broker.testing.PostgresServer;
import dev.longwave.broker.testing.RecordingSink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Schemas that older and newer versions have made. */
final class MigrationsIT extends DeploymentFixture {

    private static final String AS_LONGWAVE = "SET ROLE longwave; ";
    private static final String AS_SHOP = "SET ROLE shop; SELECT longwave.longwave_publish";

    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start();
        server.psql("CREATE ROLE longwave LOGIN; CREATE ROLE shop; CREATE ROLE clerk");
    }

    @AfterAll
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void createVersion1() throws IOException {
        server.psql("CREATE SCHEMA longwave AUTHORIZATION longwave");
        try (InputStream in =
                Objects.requireNonNull(Migrations.class.getResourceAsStream("schema-1.sql"))) {
            String script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            server.psql(
                    AS_LONGWAVE
                            + script.replace("@schema@", "longwave")
                                    .replace("@channel@", "longwave:longwave"));
        }
        server.psql(
                AS_LONGWAVE
                        + "GRANT USAGE ON SCHEMA longwave TO shop, clerk;"
                        + "GRANT EXECUTE ON FUNCTION longwave.longwave_publish TO shop"
                        + " WITH GRANT OPTION");
    }

    @AfterEach
    void dropSchema() {
        server.psql("DROP SCHEMA longwave CASCADE");
    }

    @Override
    protected BrokerProvider provider() {
        return new PostgresBrokerProvider();
    }

    @Override
    protected Map<String, String> deployment() {
        return Map.of("url", server.jdbcUrl(), "user", "longwave", "timeout", "PT1M");
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of();
    }

    @Test
    void keepsTheEventsOfVersion1() {
        server.psql(AS_SHOP + "('%s', 'old', '1', 'k', 'm-1', true)".formatted(topic));

        Broker node = createNode();

        publishNumbers(node, 2, 2);
        List<Entry> entries = readAll(node, Start.earliest(), null);
        assertThat(RecordingSink.texts(entries)).isEqualTo(numbers(1, 2));
        assertThat(entries.getFirst().message())
                .isEqualTo(
                        Message.builder("1".getBytes(StandardCharsets.UTF_8))
                                .id("m-1")
                                .type("old")
                                .key("k")
                                .end(true)
                                .build());
        assertThat(node.publish(topic, text("again", "m-1")).duplicate()).isTrue();
    }

    @Test
    void keepsCallersAndTheirPrivileges() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        server.psql(AS_SHOP + "('%s', NULL, '1')".formatted(topic));
        server.psql("SET ROLE shop; GRANT EXECUTE ON FUNCTION longwave.longwave_publish TO clerk");
        server.psql(
                "SET ROLE clerk; SELECT longwave.longwave_publish('%s', NULL, '2')"
                        .formatted(topic));

        sink.awaitText("2");
        assertThat(sink.texts()).isEqualTo(numbers(1, 2));
        server.psql("CREATE ROLE stranger; GRANT USAGE ON SCHEMA longwave TO stranger");
        try {
            assertThatThrownBy(() ->
                            server.psql(
                                    "SET ROLE stranger; SELECT"
                                            + " longwave.longwave_publish('a', NULL, 'x')"))
                    .hasMessageContaining("permission denied");
        } finally {
            server.psql("DROP OWNED BY stranger; DROP ROLE stranger");
        }
    }

    /** As during an upgrade of one node after the other. */
    @Test
    void worksForNodesOfVersion1() {
        Broker node = createNode();
        var sink = new RecordingSink();
        node.subscribe(topic, sink);

        String appended =
                server.psql(
                        AS_LONGWAVE
                                + "SELECT o_seq, o_duplicate FROM longwave.append('%s', 'm-1', NULL,"
                                        .formatted(topic)
                                + " NULL, 'x', false, interval '2 minutes', '1s')");
        publishNumbers(node, 2, 2);

        assertThat(appended).isEqualTo("1|f");
        sink.awaitText("2");
        assertThat(sink.texts()).containsExactly("x", "2");
    }

    @Test
    void keepsAFunctionThatAViewUses() {
        server.psql(
                AS_LONGWAVE
                        + "CREATE VIEW longwave.publishing AS"
                        + " SELECT longwave.longwave_publish('%s', NULL, '1') AS sequence"
                                .formatted(topic));

        Broker node = createNode();

        assertThat(server.psql(AS_LONGWAVE + "SELECT sequence FROM longwave.publishing"))
                .isEqualTo("1");
        assertThat(RecordingSink.texts(readAll(node, Start.earliest(), null))).containsExactly("1");
    }

    @Test
    void migratesOnce() {
        createNode();
        createNode();

        assertThat(server.psql("SELECT version FROM longwave.meta")).isEqualTo("3");
    }

    @Test
    void refusesASchemaOfANewerVersion() {
        server.psql("UPDATE longwave.meta SET version = 4");

        assertThatThrownBy(this::createNode)
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("schema=longwave version=4 supported=3");
    }
}
