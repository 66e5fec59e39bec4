package dev.longwave.broker.redis;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerProvider;

/** Provides the broker for Redis 6.2 or later and Valkey: {@code broker.type: redis}. */
public final class RedisBrokerProvider implements BrokerProvider {

    /** A provider. */
    public RedisBrokerProvider() {}

    @Override
    public String type() {
        return "redis";
    }

    @Override
    public Broker create(BrokerContext context) {
        return RedisBroker.connect(context);
    }
}
