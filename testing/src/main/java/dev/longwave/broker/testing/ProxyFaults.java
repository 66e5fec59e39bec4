package dev.longwave.broker.testing;

import dev.longwave.broker.Broker;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The faults of a broker whose nodes each reach one server through {@link FaultProxy}s of their
 * own. A contract test uses it like this:
 *
 * <pre>{@code
 * final class AcmeContractIT extends BrokerContractTest {
 *
 *     private static ServerProcess server;
 *     private final ProxyFaults faults = ProxyFaults.withLiveConnection(server);
 *
 *     @BeforeAll
 *     static void startServer() {
 *         server = ServerProcess.prepare("acme");
 *         server.start(List.of("acmed", "--port", "" + server.port()));
 *     }
 *
 *     @AfterAll
 *     static void stopServer() {
 *         server.close();
 *     }
 *
 *     @AfterEach
 *     void closeProxies() {
 *         faults.close();
 *     }
 *
 *     @Override
 *     protected Map<String, String> deployment() { // for each node
 *         return Map.of("port", "" + faults.nextPort(), "live-port", "" + faults.nextLivePort());
 *     }
 *
 *     @Override
 *     protected void connected(Broker node) { // right after deployment()
 *         faults.connected(node);
 *     }
 *
 *     @Override
 *     protected Optional<BrokerFaults> faults() {
 *         return Optional.of(faults);
 *     }
 * }
 * }</pre>
 *
 * <p>{@link BrokerFaults.Fault#LOSE_LIVE} needs a live path that can be lost while answers still
 * arrive: a connection of its own, with a setting for where it goes. A broker that receives answers
 * and live messages on one connection cannot have it made here, and skips its tests. If the
 * connections of a node differ only in their client's port, override {@link #inject} and use {@link
 * FaultProxy#blackholeAnswers(int)}. For one thread.
 */
public class ProxyFaults implements BrokerFaults, AutoCloseable {

    private final ServerProcess server;
    private final boolean liveConnection;
    private final Map<Broker, Ways> ways = new ConcurrentHashMap<>();
    private @Nullable Ways next;

    /** How a node reaches the server: its live connection, and all others. */
    private record Ways(FaultProxy requests, FaultProxy live) implements AutoCloseable {

        static Ways to(int port) {
            return new Ways(new FaultProxy(port), new FaultProxy(port));
        }

        @Override
        public void close() {
            requests.close();
            live.close();
        }
    }

    private ProxyFaults(ServerProcess server, boolean liveConnection) {
        this.server = server;
        this.liveConnection = liveConnection;
    }

    /** {@return the faults of a broker that does everything on connections of one kind} */
    public static ProxyFaults of(ServerProcess server) {
        return new ProxyFaults(server, false);
    }

    /** {@return the faults of a broker that receives live messages on a connection of its own} */
    public static ProxyFaults withLiveConnection(ServerProcess server) {
        return new ProxyFaults(server, true);
    }

    /** {@return the port of a new proxy, for the next node} */
    public final int nextPort() {
        if (next != null) {
            next.close(); // of a node that could not be created
        }
        next = Ways.to(server.port());
        return next.requests.port();
    }

    /** {@return the port of the proxy for that node's live connection}; after {@link #nextPort} */
    public final int nextLivePort() {
        if (next == null) {
            throw new IllegalStateException("nextPort() comes first");
        }
        return next.live.port();
    }

    /** Says that {@code node} is the one with the ports given out last. */
    public final void connected(Broker node) {
        if (next == null) {
            throw new IllegalStateException("the node has no proxy: deployment() needs nextPort()");
        }
        ways.put(node, next);
        next = null;
    }

    /** {@return the proxy between {@code node} and the server} */
    protected final FaultProxy way(Broker node) {
        return waysOf(node).requests;
    }

    @Override
    public Set<Fault> possible() {
        return liveConnection
                ? EnumSet.allOf(Fault.class)
                : EnumSet.complementOf(EnumSet.of(Fault.LOSE_LIVE));
    }

    @Override
    public Injected inject(Fault fault, Broker node) {
        FaultProxy requests = waysOf(node).requests;
        FaultProxy live = waysOf(node).live;
        return switch (fault) {
            case CUT -> {
                requests.cut();
                live.cut();
                yield () -> {};
            }
            case REFUSE -> {
                requests.refuse();
                live.refuse();
                yield () -> heal(requests, live);
            }
            case BLACKHOLE -> {
                requests.blackhole();
                live.blackhole();
                yield () -> heal(requests, live);
            }
            case LOSE_ACK -> {
                requests.blackholeAnswers();
                yield () -> lose(requests);
            }
            case LOSE_LIVE -> {
                live.blackholeAnswers();
                yield () -> lose(live);
            }
            case KILL -> {
                server.kill();
                yield server::restart;
            }
            case FREEZE -> {
                server.freeze();
                yield server::thaw;
            }
        };
    }

    private static void heal(FaultProxy requests, FaultProxy live) {
        requests.heal();
        live.heal();
    }

    /** What a proxy holds would arrive when it is healed, unless its connections are cut first. */
    private static void lose(FaultProxy proxy) {
        proxy.cut();
        proxy.heal();
    }

    private Ways waysOf(Broker node) {
        Ways found = ways.get(node);
        if (found == null) {
            throw new IllegalArgumentException("not a node of this test: " + node);
        }
        return found;
    }

    /** Closes all proxies. */
    @Override
    public void close() {
        ways.values().forEach(Ways::close);
        ways.clear();
        if (next != null) {
            next.close();
            next = null;
        }
    }
}
