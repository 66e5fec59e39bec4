package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Settings;
import dev.longwave.broker.SpiVersion;
import java.util.Set;

/** Provides the broker for Redis 6.2 or later and Valkey: {@code broker.type: redis}. */
public final class RedisBrokerProvider implements BrokerProvider {

    /** A provider. */
    public RedisBrokerProvider() {}

    @Override
    public String type() {
        return "redis";
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public Set<Capability> capabilities() {
        return RedisBroker.DURABLE;
    }

    @Override
    public BrokerFactory settings(Settings settings) {
        RedisSettings read = RedisSettings.read(settings);
        return context -> RedisBroker.connect(read, context);
    }
}
