package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Settings;
import dev.longwave.broker.SpiVersion;
import java.util.Set;

/** Provides the broker on NATS 2.9 or later: {@code broker.type: nats}. */
public final class NatsBrokerProvider implements BrokerProvider {

    /** A provider. */
    public NatsBrokerProvider() {}

    @Override
    public String type() {
        return "nats";
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public Set<Capability> capabilities() {
        return JetStreamBroker.CAPABILITIES;
    }

    @Override
    public BrokerFactory settings(Settings values) {
        NatsSettings settings = NatsSettings.read(values);
        return context ->
                switch (settings.mode()) {
                    case JETSTREAM -> JetStreamBroker.connect(settings, context);
                    case CORE -> CoreNatsBroker.connect(settings, context);
                };
    }
}
