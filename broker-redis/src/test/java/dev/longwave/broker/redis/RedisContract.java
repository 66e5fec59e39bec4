package dev.longwave.broker.redis;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerContractTest;
import dev.longwave.broker.BrokerFaults;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.RedisServer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** The contract against one server, to which each node has a way of its own that can be broken. */
abstract class RedisContract extends BrokerContractTest {

    private final Map<Broker, FaultProxy> ways = new ConcurrentHashMap<>();
    private @Nullable FaultProxy nextWay;

    abstract RedisServer server();

    /** {@return where the server listens to the nodes} */
    int port() {
        return server().port();
    }

    /** {@return how a node is told of the way at {@code port}, and who it is} */
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
            public Broker create(BrokerContext context) {
                Broker broker = provider.create(context);
                if (nextWay != null) {
                    ways.put(broker, nextWay);
                }
                return broker;
            }
        };
    }

    @Override
    protected Map<String, String> deployment() {
        var way = new FaultProxy(port());
        nextWay = way;
        return settings(way.port());
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of("retention-count", Integer.toString(entries));
    }

    /** The server's time is that of the machine: it has to be waited for. */
    @Override
    protected void passTime(Duration time) {
        long begun = System.nanoTime();
        Awaitility.await()
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> System.nanoTime() - begun >= time.toNanos());
    }

    @Override
    protected Optional<BrokerFaults> faults() {
        return Optional.of(new Faults());
    }

    @AfterEach
    final void closeWays() {
        ways.values().forEach(FaultProxy::close);
    }

    private final class Faults implements BrokerFaults {

        @Override
        public Set<Fault> possible() {
            return Set.of(Fault.values());
        }

        @Override
        public Injected inject(Fault fault, Broker node) {
            FaultProxy way = ways.get(node);
            if (way == null) {
                throw new IllegalArgumentException("not a node of this test");
            }
            return switch (fault) {
                case CUT -> {
                    way.cut();
                    yield () -> {};
                }
                case REFUSE -> {
                    way.refuse();
                    yield way::heal;
                }
                case BLACKHOLE -> {
                    way.blackhole();
                    yield way::heal;
                }
                case LOSE_ACK -> {
                    way.blackholeAnswers();
                    yield way::heal;
                }
                case LOSE_LIVE -> {
                    LivePath live = ((RedisBroker) node).live();
                    live.unlisten(topic); // which the feed does not know
                    awaitThat("deafness", () -> channels().isEmpty());
                    yield () -> live.listen(topic);
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

        private String channels() {
            return server().cli("PUBSUB", "CHANNELS").strip();
        }
    }
}
