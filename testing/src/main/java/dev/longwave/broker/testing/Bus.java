package dev.longwave.broker.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the nodes of a deployment share: real servers, and for each node ways of its own to them.
 * For one thread at a time.
 */
public final class Bus implements AutoCloseable {

    /** Which servers, so configured that they lose nothing that they acknowledged. */
    public enum Kind {
        /** One NATS server with JetStream. */
        NATS {
            @Override
            public Bus start() {
                NatsServer server = NatsServer.start(NatsServer.Generation.CURRENT, LONG_MESSAGES);
                return new Bus(
                        this,
                        List.of(server.process()),
                        List.of(server.port()),
                        server::close,
                        () -> {});
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
                return new Bus(
                        this,
                        cluster.servers().stream().map(NatsServer::process).toList(),
                        cluster.servers().stream().map(NatsServer::port).toList(),
                        cluster::close,
                        cluster::awaitHealthy);
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
                return new Bus(
                        this,
                        List.of(server.process()),
                        List.of(server.port()),
                        server::close,
                        () -> {});
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
                return new Bus(
                        this,
                        List.of(server.process()),
                        List.of(server.port()),
                        server::close,
                        () -> {});
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

        /** Starts the servers, and waits until they do their work. */
        public abstract Bus start();

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

    private final Kind kind;
    private final List<ServerProcess> servers;
    private final List<Integer> ports;
    private final Runnable close;
    private final Runnable awaitHealthy;
    private final List<List<FaultProxy>> ways = new ArrayList<>();

    private Bus(
            Kind kind,
            List<ServerProcess> servers,
            List<Integer> ports,
            Runnable close,
            Runnable awaitHealthy) {
        this.kind = kind;
        this.servers = servers;
        this.ports = ports;
        this.close = close;
        this.awaitHealthy = awaitHealthy;
    }

    /** {@return the settings of a node that goes straight to the servers, {@code key=value}} */
    public List<String> settings() {
        return kind.settings(ports);
    }

    /** {@return the settings of one more node, {@code key=value}, which gets ways of its own} */
    public List<String> settingsForNextNode() {
        List<FaultProxy> next = ports.stream().map(FaultProxy::new).toList();
        ways.add(next);
        return kind.settings(next.stream().map(FaultProxy::port).toList());
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

    @Override
    public void close() {
        ways.forEach(next -> next.forEach(FaultProxy::close));
        close.run();
    }
}
