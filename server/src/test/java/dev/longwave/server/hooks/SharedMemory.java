package dev.longwave.server.hooks;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Published;
import dev.longwave.broker.Settings;
import dev.longwave.broker.Start;
import dev.longwave.broker.memory.MemoryBrokerProvider;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A broker in memory that says that other nodes use it, too, as they do in a test. */
final class SharedMemory implements Broker {

    private final Broker memory =
            new MemoryBrokerProvider()
                    .settings(new Settings(Map.of()))
                    .connect(BrokerContext.builder("test").build());

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> capabilities = EnumSet.of(Capability.SHARED);
        capabilities.addAll(memory.capabilities());
        return capabilities;
    }

    @Override
    public int maxMessageBytes() {
        return memory.maxMessageBytes();
    }

    @Override
    public Published publish(String topic, Message message) {
        return memory.publish(topic, message);
    }

    @Override
    public void broadcast(String topic, Message message) {
        memory.broadcast(topic, message);
    }

    @Override
    public Subscription subscribe(String topic, Sink sink) {
        return memory.subscribe(topic, sink);
    }

    @Override
    public Page history(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        return memory.history(topic, start, until, maxEntries, maxBytes);
    }

    @Override
    public Optional<Presence> presence() {
        return memory.presence();
    }

    @Override
    public boolean claim(String key, Duration ttl) {
        return memory.claim(key, ttl);
    }

    @Override
    public void close() {
        memory.close();
    }
}
