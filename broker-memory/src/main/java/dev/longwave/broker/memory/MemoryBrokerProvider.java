package dev.longwave.broker.memory;

import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Settings;
import dev.longwave.broker.SpiVersion;
import java.util.Set;

/** Provides the broker that lives in the node's own memory: {@code broker.type: memory}. */
public final class MemoryBrokerProvider implements BrokerProvider {

    /** A provider. */
    public MemoryBrokerProvider() {}

    @Override
    public String type() {
        return "memory";
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public Set<Capability> capabilities() {
        return MemoryBroker.CAPABILITIES;
    }

    @Override
    public BrokerFactory settings(Settings settings) {
        MemorySettings read = MemorySettings.read(settings);
        return context -> MemoryBroker.start(read, context);
    }
}
