package dev.longwave.broker.redis;

import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisProtocol;

/** Opens connections to servers on behalf of this node. Safe for many threads. */
final class Connector {

    private final RedisSettings settings;
    private final String name;
    private final @Nullable Tls tls;

    /**
     * Prepares to connect, and reads the certificates if TLS is used.
     *
     * @param name the name of the connections in {@code CLIENT LIST}
     * @throws dev.longwave.broker.BrokerConfigurationException if the certificates cannot be read
     */
    Connector(RedisSettings settings, String name) {
        this.settings = settings;
        this.name = name;
        this.tls = settings.address().tls() ? new Tls(settings.tlsFiles()) : null;
    }

    /**
     * {@return a new connection to a server, authenticated}
     *
     * @param timeoutMillis for each step of it, and for each later reply
     * @throws redis.clients.jedis.exceptions.JedisException if that fails
     */
    RedisConnection connect(HostAndPort server, int timeoutMillis) {
        RedisAddress address = settings.address();
        return RedisConnection.connect(
                server,
                tls,
                config(timeoutMillis)
                        .user(address.user())
                        .password(address.password())
                        .database(address.database())
                        .build());
    }

    /** {@return a new connection to a Sentinel, as the other} */
    RedisConnection connectToSentinel(HostAndPort sentinel, int timeoutMillis) {
        return RedisConnection.connect(
                sentinel,
                tls,
                config(timeoutMillis)
                        .user(settings.sentinelUser())
                        .password(settings.sentinelPassword())
                        .build());
    }

    private DefaultJedisClientConfig.Builder config(int timeoutMillis) {
        return DefaultJedisClientConfig.builder()
                .protocol(RedisProtocol.RESP2)
                .connectionTimeoutMillis(timeoutMillis)
                .socketTimeoutMillis(timeoutMillis)
                .clientName(name);
    }
}
