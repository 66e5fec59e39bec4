package dev.longwave.broker.redis;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;

/** A single primary: always at the same address, or where Sentinels say that it is. */
final class OnePrimary implements Primaries {

    private final Supplier<HostAndPort> address;
    private final Shard shard;
    private final AtomicReference<@Nullable HostAndPort> current = new AtomicReference<>();

    /** The primary at a fixed address, which may be a name that follows the primary. */
    static OnePrimary at(
            HostAndPort address, RedisSettings settings, Connector connector, Watchdog watchdog) {
        return new OnePrimary(
                () -> address, settings, watchdog, millis -> connector.connect(address, millis));
    }

    /** The primary that Sentinels know. */
    static OnePrimary of(
            Sentinels sentinels, RedisSettings settings, Connector connector, Watchdog watchdog) {
        return new OnePrimary(
                sentinels::primary,
                settings,
                watchdog,
                millis -> {
                    RedisConnection connection = connector.connect(sentinels.primary(), millis);
                    // Sentinels may know of a fail-over later than the servers, and the other way
                    // round.
                    connection.checkPrimary();
                    return connection;
                });
    }

    private OnePrimary(
            Supplier<HostAndPort> address,
            RedisSettings settings,
            Watchdog watchdog,
            Shard.Dialer dialer) {
        this.address = address;
        this.shard = new Shard(settings, watchdog, dialer);
    }

    @Override
    public Shard of(int bucket) {
        return shard;
    }

    @Override
    public Shard servedBy(int bucket) {
        return shard;
    }

    @Override
    public List<Shard> all() {
        return List.of(shard);
    }

    @Override
    public Shard at(HostAndPort told) {
        return shard;
    }

    /** An address that changes its meaning is noticed by the server, which refuses writes. */
    @Override
    public boolean look() {
        HostAndPort now = address.get();
        HostAndPort before = current.getAndSet(now);
        if (before == null || before.equals(now)) {
            return false;
        }
        shard.pool().reset();
        return true;
    }

    @Override
    public boolean hasShardedChannels() {
        return false;
    }

    @Override
    public void close() {
        shard.close();
    }
}
