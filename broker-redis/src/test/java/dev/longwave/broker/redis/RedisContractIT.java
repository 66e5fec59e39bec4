package dev.longwave.broker.redis;

import dev.longwave.broker.testing.RedisServer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

final class RedisContractIT extends RedisContract {

    private static RedisServer server;

    @BeforeAll
    static void startServer() {
        server = RedisServer.start(RedisServer.Product.REDIS);
    }

    @AfterAll
    static void closeServer() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    List<RedisServer> servers() {
        return List.of(server);
    }
}
