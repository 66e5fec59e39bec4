package dev.longwave.broker.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Servers that take over from each other, or that nodes reach through a pooler. */
public enum Topology implements Deployment {
    /** A Redis primary with a replica, and three Sentinels. */
    REDIS_SENTINEL {
        @Override
        public Bus start() {
            var servers = SentinelDeployment.start(RedisServer.Product.REDIS, DOWN_AFTER);
            return Bus.of(servers.processes(), servers::settings, servers::close)
                    .healthyAfter(servers::awaitHealthy)
                    .failOver(servers::failOver);
        }
    },
    /** A Redis Cluster of three primaries and three replicas. */
    REDIS_CLUSTER {
        @Override
        public Bus start() {
            RedisCluster cluster = RedisCluster.start(RedisServer.Product.REDIS, DOWN_AFTER);
            List<RedisServer> servers = cluster.servers();
            return Bus.of(
                            servers.stream().map(RedisServer::process).toList(),
                            ports -> redisCluster(servers, ports),
                            cluster::close)
                    .healthyAfter(cluster::awaitHealthy)
                    .failOver(cluster::failOver);
        }
    },
    /** PostgreSQL with a standby that follows it asynchronously, and may be behind. */
    POSTGRES_STANDBY {
        @Override
        public Bus start() {
            PostgresPair pair = PostgresPair.start();
            return Bus.of(pair.processes(), PostgresPair::settings, pair::close)
                    .healthyAfter(pair::awaitHealthy)
                    .failOver(pair::prepareFailOver, pair::failOver);
        }
    },
    /** PostgreSQL behind PgBouncer in transaction mode; nodes listen past it. */
    PGBOUNCER {
        @Override
        public Bus start() {
            PostgresServer server = PostgresServer.start();
            try {
                PgBouncer bouncer = PgBouncer.start(server);
                return Bus.of(
                        List.of(bouncer.process(), server.process()),
                        ports -> pgBouncer(ports.getFirst(), ports.getLast()),
                        () -> {
                            bouncer.close();
                            server.close();
                        });
            } catch (RuntimeException | Error e) {
                server.close();
                throw e;
            }
        }
    };

    /** How long a Redis server may be silent. */
    private static final Duration DOWN_AFTER = Duration.ofSeconds(1);

    private static List<String> redisCluster(List<RedisServer> servers, List<Integer> ports) {
        return List.of(
                "broker.type=redis",
                "broker.redis.uri="
                        + ports.stream()
                                .map(port -> "127.0.0.1:" + port)
                                .collect(Collectors.joining(",", "redis-cluster://", "")),
                "broker.redis.address-map=" + addressMap(servers, ports));
    }

    /** What {@code address-map} needs to lead to these ports, one for each server. */
    static String addressMap(List<RedisServer> servers, List<Integer> ports) {
        var pairs = new ArrayList<String>();
        for (int i = 0; i < servers.size(); i++) {
            pairs.add("127.0.0.1:%d=127.0.0.1:%d".formatted(servers.get(i).port(), ports.get(i)));
        }
        return String.join(",", pairs);
    }

    /** PgBouncer before 1.21 knows no prepared statements. */
    private static List<String> pgBouncer(int port, int listenPort) {
        return List.of(
                "broker.type=postgres",
                "broker.postgres.url=jdbc:postgresql://127.0.0.1:%d/postgres?prepareThreshold=0"
                        .formatted(port),
                "broker.postgres.listen-url=jdbc:postgresql://127.0.0.1:%d/postgres"
                        .formatted(listenPort),
                "broker.postgres.user=postgres");
    }
}
