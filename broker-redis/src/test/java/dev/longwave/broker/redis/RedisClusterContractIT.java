package dev.longwave.broker.redis;

import dev.longwave.broker.testing.RedisCluster;
import dev.longwave.broker.testing.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract on a Redis Cluster, each of whose members a node reaches through a proxy. */
final class RedisClusterContractIT extends RedisContract {

    // Longer than a fault, as nothing is to fail over here.
    private static final Duration NODE_TIMEOUT = Duration.ofMinutes(1);

    private static RedisCluster cluster;

    @BeforeAll
    static void startServers() {
        cluster = RedisCluster.start(RedisServer.Product.REDIS, NODE_TIMEOUT);
    }

    @AfterAll
    static void closeServers() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Override
    List<RedisServer> servers() {
        return cluster.servers();
    }

    @Override
    Map<String, String> settings(List<Integer> ports) {
        return Map.of(
                "uri",
                ports.stream()
                        .limit(3)
                        .map(port -> "127.0.0.1:" + port)
                        .collect(Collectors.joining(",", "redis-cluster://", "")),
                "address-map",
                addressMap(ports),
                "timeout",
                "PT5S");
    }
}
