package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.testing.DeploymentFixture;
import dev.longwave.broker.testing.PostgresServer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Nodes of one server, as an ordinary role that owns its schema. */
abstract class PostgresFixture extends DeploymentFixture {

    static PostgresServer server;

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
    protected final BrokerProvider provider() {
        return new PostgresBrokerProvider();
    }

    @Override
    protected Map<String, String> deployment() {
        return Map.of("url", server.jdbcUrl(), "user", "longwave");
    }

    @Override
    protected final Map<String, String> settingsToKeep(int entries) {
        return Map.of();
    }
}
