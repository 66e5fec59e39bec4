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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/**
 * The contract against one server or several. Each node connects through fault proxies of its own.
 */
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
    private @Nullable Route nextRoute;

    /**
     * How a node reaches the servers.
     *
     * @param proxies one for each server, in the same order
     * @param name the node's name, as its connections show it
     */
    private record Route(List<FaultProxy> proxies, String name) {

        void each(Consumer<FaultProxy> fault) {
            proxies.forEach(fault);
        }
    }

    /** {@return all servers, primaries and replicas} */
    abstract List<RedisServer> servers();

    /** {@return the port of a server that the nodes connect to} */
    int port(RedisServer server) {
        return server.port();
    }

    /**
     * {@return the settings of a node that connects to {@code ports}}
     *
     * @param ports those that lead to the servers, in the same order
     */
    Map<String, String> settings(List<Integer> ports) {
        return Map.of("uri", "redis://127.0.0.1:" + ports.getFirst(), "timeout", "PT5S");
    }

    /** {@return the setting that leads a node through {@code ports} to the servers} */
    final String addressMap(List<Integer> ports) {
        var pairs = new ArrayList<String>();
        for (int i = 0; i < ports.size(); i++) {
            pairs.add("127.0.0.1:%d=127.0.0.1:%d".formatted(port(servers().get(i)), ports.get(i)));
        }
        return String.join(",", pairs);
    }

    private List<RedisServer> primaries() {
        return servers().stream().filter(RedisServer::isPrimary).toList();
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
                    if (nextRoute != null) {
                        routes.put(broker, new Route(nextRoute.proxies, context.node()));
                    }
                    return broker;
                };
            }
        };
    }

    @Override
    protected Map<String, String> deployment() {
        List<FaultProxy> proxies =
                servers().stream().map(server -> new FaultProxy(port(server))).toList();
        nextRoute = new Route(proxies, "");
        return settings(proxies.stream().map(FaultProxy::port).toList());
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
        for (RedisServer primary : primaries()) {
            primary.cli("EVAL", EXPIRE_SOONER, "0", Long.toString(time.toMillis()));
        }
        long later = serverMillis() + APART_MILLIS;
        awaitThat("another time of the server", () -> serverMillis() >= later);
    }

    private long serverMillis() {
        List<String> time = servers().getFirst().cli("TIME").lines().toList();
        return Long.parseLong(time.get(0)) * 1000 + Long.parseLong(time.get(1)) / 1000;
    }

    @Override
    protected Optional<BrokerFaults> faults() {
        return Optional.of(new Faults());
    }

    @AfterEach
    final void closeProxies() {
        routes.values().forEach(route -> route.each(FaultProxy::close));
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
            return switch (fault) {
                case CUT -> {
                    route.each(FaultProxy::cut);
                    yield () -> {};
                }
                case REFUSE -> {
                    route.each(FaultProxy::refuse);
                    yield () -> route.each(FaultProxy::heal);
                }
                case BLACKHOLE -> {
                    route.each(FaultProxy::blackhole);
                    yield () -> route.each(FaultProxy::heal);
                }
                case LOSE_ACK -> {
                    route.each(FaultProxy::blackholeAnswers);
                    yield () -> route.each(FaultProxy::heal);
                }
                case LOSE_LIVE -> {
                    for (int i = 0; i < servers().size(); i++) {
                        FaultProxy proxy = route.proxies.get(i);
                        PubSubConnections.ports(servers().get(i), route.name)
                                .forEach(proxy::blackholeAnswers);
                    }
                    yield () ->
                            route.each(proxy -> {
                                proxy.cut(); // what was held is lost
                                proxy.heal();
                            });
                }
                case KILL -> {
                    List<RedisServer> killed = primaries();
                    killed.forEach(server -> server.process().kill());
                    yield () -> killed.forEach(server -> server.process().restart());
                }
                case FREEZE -> {
                    servers().forEach(server -> server.process().freeze());
                    yield () -> servers().forEach(server -> server.process().thaw());
                }
            };
        }
    }
}
