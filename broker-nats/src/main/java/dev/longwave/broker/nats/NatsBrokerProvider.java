package dev.longwave.broker.nats;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerProvider;

/** Provides the broker on NATS 2.9 or later: {@code broker.type: nats}. */
public final class NatsBrokerProvider implements BrokerProvider {

    /** A provider. */
    public NatsBrokerProvider() {}

    @Override
    public String type() {
        return "nats";
    }

    @Override
    public Broker create(BrokerContext context) {
        NatsSettings settings = NatsSettings.read(context.settings());
        context.settings().refuseUnknown(); // before anything is made that would have to be closed
        return switch (settings.mode()) {
            case JETSTREAM -> JetStreamBroker.connect(settings, context);
            case CORE -> CoreNatsBroker.connect(settings, context);
        };
    }
}
