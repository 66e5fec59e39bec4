package dev.longwave.broker.redis;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Settings;
import dev.longwave.broker.testing.BrokerContractTest;
import dev.longwave.broker.testing.BrokerFaults;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** The contract against one server. Each node connects through its own fault proxy. */
abstract class RedisContract extends BrokerContractTest {

    // So that what is published next has another time.
    private static final int APART_MILLIS = 5;

    private static final String EXPIRE_SOONER =
            "for _, key in ipairs(redis.call('KEYS', '*')) do"
                    + " local left = redis.call('PTTL', key)"
                    + " if left > 0 then"
                    + " redis.call('PEXPIRE', key, math.max(1, left - tonumber(ARGV[1]))) end "
                    + "end";

    private final Map<Broker, Route> routes = new ConcurrentHashMap<>();
    private @Nullable FaultProxy nextProxy;

    /**
     * How a node reaches the server.
     *
     * @param name the node's name, as its connections show it
     */
    private record Route(FaultProxy proxy, String name) {}

    abstract RedisServer server();

    /** {@return the port that the nodes connect to} */
    int port() {
        return server().port();
    }

    /** {@return the settings of a node that connects to {@code port}} */
    Map<String, String> settings(int port) {
        return Map.of("uri", "redis://127.0.0.1:" + port, "timeout", "PT5S");
    }

    @Override
    protected BrokerProvider provider() {
        var provider = new RedisBrokerProvider();
        return new BrokerProvider() {
            @Override
            public String type() {
                return provider.type();
            }

            @Override
            public String spiVersion() {
                return provider.spiVersion();
            }

            @Override
            public Set<Capability> capabilities() {
                return provider.capabilities();
            }

            @Override
            public BrokerFactory settings(Settings settings) {
                BrokerFactory factory = provider.settings(settings);
                return context -> {
                    Broker broker = factory.connect(context);
                    if (nextProxy != null) {
                        routes.put(broker, new Route(nextProxy, context.node()));
                    }
                    return broker;
                };
            }
        };
    }

    @Override
    protected Map<String, String> deployment() {
        var proxy = new FaultProxy(port());
        nextProxy = proxy;
        return settings(proxy.port());
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of("retention-count", Integer.toString(entries));
    }

    /**
     * The server's clock is that of the machine, so what expires is made to expire that much
     * sooner.
     */
    @Override
    protected void passTime(Duration time) {
        server().cli("EVAL", EXPIRE_SOONER, "0", Long.toString(time.toMillis()));
        long later = serverMillis() + APART_MILLIS;
        awaitThat("another time of the server", () -> serverMillis() >= later);
    }

    private long serverMillis() {
        List<String> time = server().cli("TIME").lines().toList();
        return Long.parseLong(time.get(0)) * 1000 + Long.parseLong(time.get(1)) / 1000;
    }

    @Override
    protected Optional<BrokerFaults> faults() {
        return Optional.of(new Faults());
    }

    @AfterEach
    final void closeProxies() {
        routes.values().forEach(route -> route.proxy.close());
    }

    private final class Faults implements BrokerFaults {

        @Override
        public Set<Fault> possible() {
            return Set.of(Fault.values());
        }

        @Override
        public Injected inject(Fault fault, Broker node) {
            Route route = routes.get(node);
            if (route == null) {
                throw new IllegalArgumentException("not a node of this test");
            }
            FaultProxy proxy = route.proxy;
            return switch (fault) {
                case CUT -> {
                    proxy.cut();
                    yield () -> {};
                }
                case REFUSE -> {
                    proxy.refuse();
                    yield proxy::heal;
                }
                case BLACKHOLE -> {
                    proxy.blackhole();
                    yield proxy::heal;
                }
                case LOSE_ACK -> {
                    proxy.blackholeAnswers();
                    yield proxy::heal;
                }
                case LOSE_LIVE -> {
                    proxy.blackholeAnswers(PubSubConnections.port(server(), route.name));
                    yield () -> {
                        proxy.cut(); // what was held is lost
                        proxy.heal();
                    };
                }
                case KILL -> {
                    server().process().kill();
                    yield () -> server().process().restart();
                }
                case FREEZE -> {
                    server().process().freeze();
                    yield () -> server().process().thaw();
                }
            };
        }
    }
}
