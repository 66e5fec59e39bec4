package dev.longwave.broker.postgres;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Settings;
import dev.longwave.broker.testing.BrokerContractTest;
import dev.longwave.broker.testing.BrokerFaults;
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

/** The contract against a real server, as an ordinary role that owns its schema. */
final class PostgresBrokerContractIT extends BrokerContractTest {

    /** Connecting takes seconds on a busy machine; few tests wait for all of it. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final String ROLE = "longwave_node";
    private static final int KEPT = 20;

    private static PostgresServer server;
    private static Connection witness;

    private final String schema =
            "t" + Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
    private final List<Route> routes = new ArrayList<>(); // of the nodes in order of their creation
    private final Map<Broker, Route> routeOf = new HashMap<>();
    private boolean trims;

    /** How a node reaches the server. */
    private record Route(FaultProxy proxy, FaultProxy listenProxy) {}

    @BeforeAll
    static void startServer() throws SQLException {
        server = PostgresServer.start("max_connections=200", "max_locks_per_transaction=256");
        server.psql("CREATE ROLE " + ROLE + " LOGIN");
        server.psql("GRANT CREATE ON DATABASE postgres TO " + ROLE);
        // Keeps the driver's cleaner thread, of which there is one per JVM, alive across tests.
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
        routes.forEach(route -> {
            route.proxy.close();
            route.listenProxy.close();
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
            public String spiVersion() {
                return real.spiVersion();
            }

            @Override
            public Set<Capability> capabilities() {
                return real.capabilities();
            }

            @Override
            public BrokerFactory settings(Settings settings) {
                BrokerFactory factory = real.settings(settings);
                return context -> {
                    Broker node = factory.connect(context);
                    routeOf.put(node, routes.getLast());
                    if (trims) {
                        outdateAllButTheNewest();
                    }
                    return node;
                };
            }
        };
    }

    @Override
    protected Map<String, String> deployment() {
        var route = new Route(toServer(), toServer());
        routes.add(route);
        return Map.of(
                "url",
                server.jdbcUrl(route.proxy.port()),
                "listen-url",
                server.jdbcUrl(route.listenProxy.port()),
                "user",
                ROLE,
                "schema",
                schema,
                "timeout",
                PATIENCE.toString());
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        trims = entries < KEPT;
        return trims ? Map.of("retention-age", "PT1M") : Map.of();
    }

    /**
     * Drops events as retention does once {@value #KEPT} newer ones follow: which of them are
     * dropped must not depend on how fast the machine is.
     */
    private void outdateAllButTheNewest() {
        server.psql(
                """
                CREATE FUNCTION @.outdate() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    WITH old AS (DELETE FROM @.event WHERE topic_id = NEW.id AND seq <= NEW.seq - %d RETURNING at)
                    UPDATE @.meta SET trimmed_before = o.horizon
                    FROM (SELECT max(at) + interval '1 ms' AS horizon FROM old) o
                    WHERE o.horizon > trimmed_before;
                    RETURN NULL;
                END $$;
                CREATE TRIGGER outdate AFTER UPDATE ON @.topic
                FOR EACH ROW EXECUTE FUNCTION @.outdate()
                """
                        .formatted(KEPT)
                        .replace("@", schema));
    }

    /** Time is the database's, so all that is stored becomes that much older. */
    @Override
    protected void passTime(Duration time) {
        server.psql(
                """
                UPDATE @.event SET at = at - interval '# ms', prev_at = prev_at - interval '# ms';
                UPDATE @.topic SET at = at - interval '# ms';
                UPDATE @.dedupe SET at = at - interval '# ms';
                UPDATE @.claim SET expires_at = expires_at - interval '# ms';
                UPDATE @.presence SET expires_at = expires_at - interval '# ms'
                """
                        .replace("#", Long.toString(time.toMillis()))
                        .replace("@", schema));
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
            Route route = Objects.requireNonNull(routeOf.get(node));
            FaultProxy proxy = route.proxy;
            FaultProxy listenProxy = route.listenProxy;
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
            return () -> heal(fault, route);
        }

        private void heal(Fault fault, Route route) {
            FaultProxy proxy = route.proxy;
            FaultProxy listenProxy = route.listenProxy;
            switch (fault) {
                case CUT, REFUSE, BLACKHOLE -> {
                    proxy.heal();
                    listenProxy.heal();
                }
                case LOSE_LIVE -> {
                    listenProxy.cut(); // what was held is lost
                    listenProxy.heal();
                }
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
