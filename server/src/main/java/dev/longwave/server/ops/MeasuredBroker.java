package dev.longwave.server.ops;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.Broker;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.server.ops.BrokerTimes.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A broker whose answers are measured. */
final class MeasuredBroker implements Broker {

    private final Broker broker;
    private final BrokerTimes times;

    MeasuredBroker(Broker broker, BrokerTimes times) {
        this.broker = broker;
        this.times = times;
    }

    @Override
    public Set<Capability> capabilities() {
        return broker.capabilities();
    }

    @Override
    public int maxMessageBytes() {
        return broker.maxMessageBytes();
    }

    @Override
    public Published publish(String topic, Message message) {
        return times.measure(
                Operation.PUBLISH, message.attributes(), () -> broker.publish(topic, message));
    }

    @Override
    public List<PublishResult> publishAll(List<Publication> publications) {
        List<PublishResult> results =
                times.measure(
                        Operation.PUBLISH, Attributes.EMPTY, () -> broker.publishAll(publications));
        // Failures are results here, and not thrown.
        if (results.stream().anyMatch(result -> result.failure().isPresent())) {
            times.failed(Operation.PUBLISH);
        }
        return results;
    }

    @Override
    public void broadcast(String topic, Message message) {
        var _ =
                times.measure(
                        Operation.BROADCAST,
                        message.attributes(),
                        () -> {
                            broker.broadcast(topic, message);
                            return true;
                        });
    }

    @Override
    public Subscription subscribe(String topic, Sink sink) {
        return times.measure(
                Operation.SUBSCRIBE, Attributes.EMPTY, () -> broker.subscribe(topic, sink));
    }

    @Override
    public Page history(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        return times.measure(
                Operation.HISTORY,
                Attributes.EMPTY,
                () -> broker.history(topic, start, until, maxEntries, maxBytes));
    }

    @Override
    public Position delete(String topic) {
        return times.measure(Operation.DELETE, Attributes.EMPTY, () -> broker.delete(topic));
    }

    @Override
    public Optional<Presence> presence() {
        return broker.presence();
    }

    @Override
    public boolean claim(String key, Duration ttl) {
        return times.measure(Operation.CLAIM, Attributes.EMPTY, () -> broker.claim(key, ttl));
    }

    @Override
    public void close() {
        broker.close();
    }
}
