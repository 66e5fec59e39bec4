package dev.longwave.broker.nats;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerContractTest;
import dev.longwave.broker.BrokerFaults;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.broker.testing.NatsServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** The contract, with a stream for each test, and for each node a way that can be broken. */
abstract class NatsContract extends BrokerContractTest {

    private final String stream =
            "contract-" + Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
    private final Map<Broker, FaultProxy> ways = new ConcurrentHashMap<>();
    private @Nullable FaultProxy nextWay;

    /** {@return the server that nodes connect to} */
    abstract NatsServer server();

    /** {@return the stream of this test} */
    final String stream() {
        return stream;
    }

    /** Kills the servers, as much as is to be survived. */
    abstract BrokerFaults.Injected kill();

    /** Makes servers stand still. */
    abstract BrokerFaults.Injected freeze();

    /** {@return how many servers hold the stream} */
    int replicas() {
        return 1;
    }

    @Override
    protected BrokerProvider provider() {
        var provider = new NatsBrokerProvider();
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
        var way = new FaultProxy(server().port());
        nextWay = way;
        var settings = new HashMap<String, String>();
        settings.put("servers", "nats://127.0.0.1:" + way.port());
        settings.put("stream", stream);
        settings.put("prefix", stream);
        settings.put("replicas", Integer.toString(replicas()));
        return settings;
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of("retention-count", Integer.toString(entries));
    }

    /** The servers' time is that of the machine: it has to be waited for. */
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
    final void cleanUp() {
        ways.values().forEach(FaultProxy::close);
        Streams.deleteAll(server().uri(), stream);
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
                    yield () -> {
                        way.cut(); // what was held is lost
                        way.heal();
                    };
                }
                case LOSE_LIVE -> {
                    LivePath live = ((JetStreamBroker) node).live();
                    live.goDeaf(true);
                    yield () -> live.goDeaf(false);
                }
                case KILL -> kill();
                case FREEZE -> freeze();
            };
        }
    }
}
