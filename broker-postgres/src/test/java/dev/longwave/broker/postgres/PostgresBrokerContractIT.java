package dev.longwave.broker.postgres;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerContractTest;
import dev.longwave.broker.BrokerFaults;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** The contract, as an ordinary role that owns its schema, against a real server. */
final class PostgresBrokerContractIT extends BrokerContractTest {

    private static final String ROLE = "longwave_node";

    private static PostgresServer server;
    private static Connection witness;

    private final String schema =
            "t" + Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
    private final List<Way> ways = new ArrayList<>(); // of the nodes, in the order of their making
    private final Map<Broker, Way> wayOf = new HashMap<>();

    /** How one node gets to the server. */
    private record Way(FaultProxy proxy, FaultProxy listenProxy) {}

    @BeforeAll
    static void startServer() throws SQLException {
        server = PostgresServer.start("max_connections=200", "max_locks_per_transaction=256");
        server.psql("CREATE ROLE " + ROLE + " LOGIN");
        server.psql("GRANT CREATE ON DATABASE postgres TO " + ROLE);
        // The driver's own cleaning thread, one for all of a JVM, is there before and after a test.
        witness = DriverManager.getConnection(server.jdbcUrl(), server.user(), "");
    }

    @AfterAll
    static void stopServer() throws SQLException {
        if (witness != null) {
            witness.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static FaultProxy toServer() {
        return new FaultProxy(server.port());
    }

    @AfterEach
    void closeProxies() {
        ways.forEach(way -> {
            way.proxy.close();
            way.listenProxy.close();
        });
    }

    @Override
    protected BrokerProvider provider() {
        var real = new PostgresBrokerProvider();
        return new BrokerProvider() {
            @Override
            public String type() {
                return real.type();
            }

            @Override
            public Broker create(BrokerContext context) {
                Broker node = real.create(context);
                wayOf.put(node, ways.getLast());
                return node;
            }
        };
    }

    @Override
    protected Map<String, String> deployment() {
        var way = new Way(toServer(), toServer());
        ways.add(way);
        return Map.of(
                "url",
                server.jdbcUrl(way.proxy.port()),
                "listen-url",
                server.jdbcUrl(way.listenProxy.port()),
                "user",
                ROLE,
                "schema",
                schema,
                "timeout",
                "PT2S");
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        var settings = new HashMap<String, String>();
        if (entries < 100) {
            settings.put("retention-age", "PT0.2S");
            settings.put("resync-period", "PT0.02S");
        }
        return settings;
    }

    /** The broker's time is the server's, so that it has to pass. */
    @Override
    protected void passTime(Duration time) {
        server.psql("SELECT pg_sleep(" + time.toMillis() / 1000.0 + ")");
    }

    @Override
    protected Optional<BrokerFaults> faults() {
        return Optional.of(new Faults());
    }

    private final class Faults implements BrokerFaults {
        @Override
        public Set<Fault> possible() {
            return EnumSet.allOf(Fault.class);
        }

        @Override
        public Injected inject(Fault fault, Broker node) {
            Way way = Objects.requireNonNull(wayOf.get(node));
            FaultProxy proxy = way.proxy;
            FaultProxy listenProxy = way.listenProxy;
            switch (fault) {
                case CUT -> {
                    proxy.cut();
                    listenProxy.cut();
                }
                case REFUSE -> {
                    proxy.refuse();
                    listenProxy.refuse();
                }
                case BLACKHOLE -> {
                    proxy.blackhole();
                    listenProxy.blackhole();
                }
                case LOSE_LIVE -> listenProxy.blackholeAnswers();
                case LOSE_ACK -> proxy.blackholeAnswers();
                case KILL -> server.process().kill();
                case FREEZE -> server.process().freeze();
            }
            return () -> heal(fault, way);
        }

        private void heal(Fault fault, Way way) {
            FaultProxy proxy = way.proxy;
            FaultProxy listenProxy = way.listenProxy;
            switch (fault) {
                case CUT, REFUSE, BLACKHOLE -> {
                    proxy.heal();
                    listenProxy.heal();
                }
                case LOSE_LIVE -> listenProxy.heal();
                case LOSE_ACK -> {
                    proxy.cut(); // what was held is lost
                    proxy.heal();
                }
                case KILL -> server.process().restart();
                case FREEZE -> server.process().thaw();
            }
        }
    }
}
