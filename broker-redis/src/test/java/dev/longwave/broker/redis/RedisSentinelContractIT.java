package dev.longwave.broker.redis;

import dev.longwave.broker.testing.RedisSentinel;
import dev.longwave.broker.testing.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract on a primary that a Sentinel knows; there is no replica to fail over to. */
final class RedisSentinelContractIT extends RedisContract {

    private static RedisServer server;
    private static RedisSentinel sentinel;

    @BeforeAll
    static void startServers() {
        server = RedisServer.start(RedisServer.Product.REDIS);
        sentinel = RedisSentinel.start(RedisServer.Product.REDIS, server, 1, Duration.ofMinutes(1));
    }

    @AfterAll
    static void closeServers() {
        if (sentinel != null) {
            sentinel.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Override
    List<RedisServer> servers() {
        return List.of(server);
    }

    @Override
    Map<String, String> settings(List<Integer> ports) {
        return Map.of(
                "uri",
                "redis-sentinel://127.0.0.1:%d/0?master=%s"
                        .formatted(sentinel.port(), RedisSentinel.MASTER),
                "address-map",
                addressMap(ports),
                "timeout",
                "PT5S");
    }
}
