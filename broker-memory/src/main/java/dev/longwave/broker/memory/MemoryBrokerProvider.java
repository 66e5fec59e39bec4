package dev.longwave.broker.memory;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerProvider;

/** Provides the broker that lives in the node's own memory: {@code broker.type: memory}. */
public final class MemoryBrokerProvider implements BrokerProvider {

    /** A provider. */
    public MemoryBrokerProvider() {}

    @Override
    public String type() {
        return "memory";
    }

    @Override
    public Broker create(BrokerContext context) {
        return MemoryBroker.start(context);
    }
}
