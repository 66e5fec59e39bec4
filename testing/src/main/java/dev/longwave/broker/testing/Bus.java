package dev.longwave.broker.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes of a deployment share: real servers, and for each node ways of its own to them.
 * For one thread at a time.
 */
public final class Bus implements AutoCloseable {

    /** Which servers, so configured that they lose nothing that they acknowledged. */
    public enum Kind implements Deployment {
        /** One NATS server with JetStream. */
        NATS {
            @Override
            public Bus start() {
                NatsServer server = NatsServer.start(NatsServer.Generation.CURRENT, LONG_MESSAGES);
                return of(List.of(server.process()), this::settings, server::close);
            }

            @Override
            List<String> settings(List<Integer> ports) {
                return nats(ports);
            }
        },
        /** Three NATS servers, every stream on all of them. */
        NATS_CLUSTER {
            @Override
            public Bus start() {
                NatsCluster cluster =
                        NatsCluster.start(NatsServer.Generation.CURRENT, LONG_MESSAGES);
                return of(
                                cluster.servers().stream().map(NatsServer::process).toList(),
                                this::settings,
                                cluster::close)
                        .healthyAfter(cluster::awaitHealthy);
            }

            @Override
            List<String> settings(List<Integer> ports) {
                List<String> settings = nats(ports);
                settings.add("broker.nats.replicas=3");
                return settings;
            }
        },
        /** Redis that writes to the disk before it answers. */
        REDIS {
            @Override
            public Bus start() {
                RedisServer server = RedisServer.start(RedisServer.Product.REDIS);
                return of(List.of(server.process()), this::settings, server::close);
            }

            @Override
            List<String> settings(List<Integer> ports) {
                return List.of(
                        "broker.type=redis",
                        "broker.redis.uri=redis://127.0.0.1:" + ports.getFirst());
            }
        },
        /** PostgreSQL. */
        POSTGRES {
            @Override
            public Bus start() {
                PostgresServer server = PostgresServer.start();
                return of(List.of(server.process()), this::settings, server::close);
            }

            @Override
            List<String> settings(List<Integer> ports) {
                return List.of(
                        "broker.type=postgres",
                        "broker.postgres.url=jdbc:postgresql://127.0.0.1:%d/postgres"
                                .formatted(ports.getFirst()),
                        "broker.postgres.user=postgres");
            }
        };

        /** A mebibyte of data needs more, with its headers, than a server takes by default. */
        private static final String LONG_MESSAGES = "max_payload: 2097152";

        /** The settings of a node that reaches the servers at these ports. */
        abstract List<String> settings(List<Integer> ports);

        private static List<String> nats(List<Integer> ports) {
            return new ArrayList<>(
                    List.of(
                            "broker.type=nats",
                            "broker.nats.servers="
                                    + ports.stream()
                                            .map(port -> "nats://127.0.0.1:" + port)
                                            .collect(Collectors.joining(","))));
        }
    }

    private final List<ServerProcess> servers;
    private final Function<List<Integer>, List<String>> settings;
    private final Runnable close;
    private final List<List<FaultProxy>> ways = new ArrayList<>();
    private Runnable awaitHealthy = () -> {};
    private Runnable prepareFailOver = () -> {};
    private @Nullable Supplier<Runnable> failOver;

    private Bus(
            List<ServerProcess> servers,
            Function<List<Integer>, List<String>> settings,
            Runnable close) {
        this.servers = List.copyOf(servers);
        this.settings = settings;
        this.close = close;
    }

    /**
     * {@return a bus of these servers}
     *
     * @param settings of a node that reaches the servers at the ports given, in the same order
     * @param close closes the servers
     */
    static Bus of(
            List<ServerProcess> servers,
            Function<List<Integer>, List<String>> settings,
            Runnable close) {
        return new Bus(servers, settings, close);
    }

    /** Has servers that need a while until they do their work: {@code value} waits for that. */
    Bus healthyAfter(Runnable value) {
        awaitHealthy = value;
        return this;
    }

    /** Has servers that can take over: see {@link #failOver()}. */
    Bus failOver(Supplier<Runnable> value) {
        failOver = value;
        return this;
    }

    /** The same, after a preparation. */
    Bus failOver(Runnable preparation, Supplier<Runnable> value) {
        prepareFailOver = preparation;
        return failOver(value);
    }

    /** {@return the settings of a node that goes straight to the servers, {@code key=value}} */
    public List<String> settings() {
        return settings.apply(servers.stream().map(ServerProcess::port).toList());
    }

    /** {@return the settings of one more node, {@code key=value}, which gets ways of its own} */
    public List<String> settingsForNextNode() {
        List<FaultProxy> next =
                servers.stream().map(server -> new FaultProxy(server.port())).toList();
        ways.add(next);
        return settings.apply(next.stream().map(FaultProxy::port).toList());
    }

    /**
     * {@return the ways of a node to each of the servers, to cut}
     *
     * @param node 0 for the one that came first
     */
    public List<FaultProxy> ways(int node) {
        return ways.get(node);
    }

    /** {@return the servers, to kill and to freeze} */
    public List<ServerProcess> servers() {
        return servers;
    }

    /** Waits until all servers do their work. */
    public void awaitHealthy() {
        awaitHealthy.run();
    }

    /**
     * {@return whether a server can take over from another} It may then lack what was acknowledged
     * just before, as it follows the other asynchronously.
     */
    public boolean failsOver() {
        return failOver != null;
    }

    /** Comes right before {@link #failOver()}, while all servers still work. */
    public void prepareFailOver() {
        prepareFailOver.run();
    }

    /**
     * Kills a server, and returns once another one has taken its place.
     *
     * @return puts the one that was killed behind the other
     * @throws IllegalStateException if no server can
     */
    public Runnable failOver() {
        if (failOver == null) {
            throw new IllegalStateException("no server takes over");
        }
        return failOver.get();
    }

    @Override
    public void close() {
        ways.forEach(next -> next.forEach(FaultProxy::close));
        close.run();
    }
}
