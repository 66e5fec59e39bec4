package dev.longwave.broker.nats;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A broker on NATS without JetStream: who is not listening misses it, and is told so. */
final class CoreNatsBroker implements Broker {

    private CoreNatsBroker() {}

    /**
     * {@return a broker, connected}
     *
     * @throws dev.longwave.broker.BrokerConfigurationException if the settings do not fit the
     *     servers
     * @throws dev.longwave.broker.BrokerUnavailableException if the servers cannot be reached
     */
    static CoreNatsBroker connect(NatsSettings settings, BrokerContext context) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.SHARED);
    }

    @Override
    public int maxMessageBytes() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Published publish(String topic, Message message) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Subscription subscribe(String topic, Sink sink) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Page history(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        throw new UnsupportedOperationException("core NATS keeps no history");
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
