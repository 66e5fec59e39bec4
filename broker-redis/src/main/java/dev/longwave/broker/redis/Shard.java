package dev.longwave.broker.redis;

import redis.clients.jedis.exceptions.JedisException;

/** One primary, with the connections to it that commands use. Safe for many threads. */
final class Shard implements AutoCloseable {

    private final Dialer dialer;
    private final ConnectionPool pool;

    /** Opens a connection to the primary. */
    interface Dialer {

        /**
         * {@return a new connection, authenticated}
         *
         * @param timeoutMillis for each step of it
         * @throws JedisException if that fails
         */
        RedisConnection dial(int timeoutMillis);
    }

    Shard(RedisSettings settings, Watchdog watchdog, Dialer dialer) {
        this.dialer = dialer;
        this.pool = new ConnectionPool(settings, dialer, watchdog);
    }

    ConnectionPool pool() {
        return pool;
    }

    /** Opens a connection that the pool does not know: {@link Dialer#dial}. */
    RedisConnection dial(int timeoutMillis) {
        return dialer.dial(timeoutMillis);
    }

    @Override
    public void close() {
        pool.close();
    }
}
