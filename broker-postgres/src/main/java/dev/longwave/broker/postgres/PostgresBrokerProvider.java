package dev.longwave.broker.postgres;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerProvider;

/** Provides the broker for PostgreSQL: {@code broker.type: postgres}. */
public final class PostgresBrokerProvider implements BrokerProvider {

    /** A provider. */
    public PostgresBrokerProvider() {}

    @Override
    public String type() {
        return "postgres";
    }

    @Override
    public Broker create(BrokerContext context) {
        return PostgresBroker.start(context);
    }
}
