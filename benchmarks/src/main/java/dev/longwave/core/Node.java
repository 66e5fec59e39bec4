package dev.longwave.core;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Message;
import dev.longwave.broker.Published;
import dev.longwave.broker.Settings;
import java.util.Map;
import java.util.ServiceLoader;

/** A hub with a broker of its own, without a server. */
record Node(Broker broker, Hub hub) implements AutoCloseable {

    /**
     * On the memory broker, which keeps few events: with a heap full of history, the collector
     * would be measured.
     */
    static Node onMemory(HubOptions options) {
        BrokerProvider provider =
                ServiceLoader.load(BrokerProvider.class).findFirst().orElseThrow();
        return on(
                provider.settings(new Settings(Map.of("retention-count", "2048")))
                        .connect(BrokerContext.builder("node").build()),
                options);
    }

    static Node on(Broker broker, HubOptions options) {
        return new Node(broker, new Hub(broker, options));
    }

    Published publish(String topic, byte[] data) {
        return hub.publish(topic, Message.of(data));
    }

    /** Publishes the last event of {@code topic}. */
    Published end(String topic, byte[] data) {
        return hub.publish(topic, Message.builder(data).end(true).build());
    }

    @Override
    public void close() {
        hub.close();
        broker.close();
    }
}
