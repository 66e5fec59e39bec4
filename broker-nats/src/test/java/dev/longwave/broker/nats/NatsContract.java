package dev.longwave.broker.nats;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Settings;
import dev.longwave.broker.testing.BrokerContractTest;
import dev.longwave.broker.testing.BrokerFaults;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** The contract, with a stream for each test and a connection for each node that can be broken. */
abstract class NatsContract extends BrokerContractTest {

    private final String stream =
            "contract-" + Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
    private final Map<Broker, Proxies> proxies = new ConcurrentHashMap<>();
    private @Nullable Proxies next;
    private boolean losesMessages;

    /**
     * The proxies between a node and its server.
     *
     * @param connection breaks connections
     * @param messages loses messages; null if no message is to be lost
     */
    private record Proxies(FaultProxy connection, @Nullable MessageLossProxy messages)
            implements AutoCloseable {

        static Proxies to(NatsServer server, boolean losesMessages) {
            if (!losesMessages) {
                return new Proxies(new FaultProxy(server.port()), null);
            }
            var messages = new MessageLossProxy(server.port());
            return new Proxies(new FaultProxy(messages.port()), messages);
        }

        @Override
        public void close() {
            connection.close();
            if (messages != null) {
                messages.close();
            }
        }
    }

    /** A proxy costs each message two more hops, so only tests of losses have the second one. */
    @BeforeEach
    final void chooseProxies(TestInfo test) {
        losesMessages = test.getTestMethod().orElseThrow().getName().contains("Lost");
    }

    /** {@return the server that nodes connect to} */
    abstract NatsServer server();

    /** {@return the stream of this test} */
    final String stream() {
        return stream;
    }

    /** Kills as many servers as a deployment must survive. */
    abstract BrokerFaults.Injected kill();

    /** Freezes servers. */
    abstract BrokerFaults.Injected freeze();

    /** {@return how many servers store the stream} */
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
                    if (next != null) {
                        proxies.put(broker, next);
                    }
                    return broker;
                };
            }
        };
    }

    @Override
    protected Map<String, String> deployment() {
        var mine = Proxies.to(server(), losesMessages);
        next = mine;
        var settings = new HashMap<String, String>();
        settings.put("servers", "nats://127.0.0.1:" + mine.connection.port());
        settings.put("stream", stream);
        settings.put("prefix", stream);
        settings.put("replicas", Integer.toString(replicas()));
        return settings;
    }

    @Override
    protected Map<String, String> settingsToKeep(int entries) {
        return Map.of("retention-count", Integer.toString(entries));
    }

    /** Waits, because the servers use the machine's clock. */
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
        proxies.values().forEach(Proxies::close);
        Streams.deleteAll(server().uri(), stream);
    }

    private final class Faults implements BrokerFaults {

        @Override
        public Set<Fault> possible() {
            return Set.of(Fault.values());
        }

        @Override
        public Injected inject(Fault fault, Broker node) {
            Proxies between = proxies.get(node);
            if (between == null) {
                throw new IllegalArgumentException("not a node of this test");
            }
            FaultProxy connection = between.connection;
            return switch (fault) {
                case CUT -> {
                    connection.cut();
                    yield () -> {};
                }
                case REFUSE -> {
                    connection.refuse();
                    yield connection::heal;
                }
                case BLACKHOLE -> {
                    connection.blackhole();
                    yield connection::heal;
                }
                case LOSE_ACK -> {
                    connection.blackholeAnswers();
                    yield () -> {
                        connection.cut(); // what was held is lost
                        connection.heal();
                    };
                }
                case LOSE_LIVE -> {
                    MessageLossProxy messages = between.messages;
                    if (messages == null) {
                        throw new IllegalStateException(
                                "a test that loses live messages has Lost in its name");
                    }
                    messages.lose(stream + ".live.");
                    yield messages::heal;
                }
                case KILL -> kill();
                case FREEZE -> freeze();
            };
        }
    }
}
