package dev.longwave.broker.redis;

import org.jspecify.annotations.Nullable;

/** Opens connections to the server on behalf of this node. Safe for many threads. */
final class Connector {

    private final RedisSettings settings;
    private final String name;
    private final @Nullable Tls tls;

    /**
     * Prepares to connect, and reads the trusted certificates if TLS is used.
     *
     * @param name the name of the connections in {@code CLIENT LIST}
     * @throws dev.longwave.broker.BrokerConfigurationException if the certificates cannot be read
     */
    Connector(RedisSettings settings, String name) {
        this.settings = settings;
        this.name = name;
        this.tls = settings.address().tls() ? new Tls(settings.tlsCaFile().orElse(null)) : null;
    }

    /**
     * {@return a new connection, authenticated}
     *
     * @throws redis.clients.jedis.exceptions.JedisException if that fails
     */
    RedisConnection connect(int readTimeoutMillis) {
        return RedisConnection.connect(settings, tls, name, readTimeoutMillis);
    }
}
