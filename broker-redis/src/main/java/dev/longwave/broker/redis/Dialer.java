package dev.longwave.broker.redis;

import org.jspecify.annotations.Nullable;

/** Connects to the server as this node. Safe for many threads. */
final class Dialer {

    private final RedisSettings settings;
    private final String name;
    private final @Nullable Tls tls;

    /**
     * A dialer.
     *
     * @param name of the connections, in CLIENT LIST
     * @throws dev.longwave.broker.BrokerConfigurationException if there is nobody to trust
     */
    Dialer(RedisSettings settings, String name) {
        this.settings = settings;
        this.name = name;
        this.tls = settings.address().tls() ? new Tls(settings.tlsCaFile().orElse(null)) : null;
    }

    /**
     * {@return a connection, logged in}
     *
     * @throws redis.clients.jedis.exceptions.JedisException if that fails
     */
    Link dial(int readTimeoutMillis) {
        return Link.connect(settings, tls, name, readTimeoutMillis);
    }
}
