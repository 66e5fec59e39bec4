package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Settings;
import dev.longwave.broker.SpiVersion;
import java.util.Set;

/** Provides the broker for PostgreSQL: {@code broker.type: postgres}. */
public final class PostgresBrokerProvider implements BrokerProvider {

    /** A provider. */
    public PostgresBrokerProvider() {}

    @Override
    public String type() {
        return "postgres";
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public Set<Capability> capabilities() {
        return PostgresBroker.CAPABILITIES;
    }

    @Override
    public BrokerFactory settings(Settings settings) {
        PostgresSettings read = PostgresSettings.read(settings);
        return context -> PostgresBroker.connect(read, context);
    }
}
