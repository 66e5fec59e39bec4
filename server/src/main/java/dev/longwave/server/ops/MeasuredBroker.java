package dev.longwave.server.ops;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Presence;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.server.ops.BrokerSpans.BrokerSpan;
import dev.longwave.server.ops.BrokerTimes.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A broker whose answers are measured, and recorded if they are for an event of a trace. */
final class MeasuredBroker implements Broker {

    private final Broker broker;
    private final BrokerTimes times;
    private final BrokerSpans spans;

    MeasuredBroker(Broker broker, BrokerTimes times, BrokerSpans spans) {
        this.broker = broker;
        this.times = times;
        this.spans = spans;
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
        return publishing(
                Operation.PUBLISH,
                topic,
                message.attributes(),
                () -> broker.publish(topic, message),
                _ -> null);
    }

    @Override
    public List<PublishResult> publishAll(List<Publication> publications) {
        return publishing(
                Operation.PUBLISH,
                "",
                traced(publications),
                () -> broker.publishAll(publications),
                MeasuredBroker::failure);
    }

    @Override
    public void broadcast(String topic, Message message) {
        var _ =
                publishing(
                        Operation.BROADCAST,
                        topic,
                        message.attributes(),
                        () -> {
                            broker.broadcast(topic, message);
                            return true;
                        },
                        _ -> null);
    }

    private <T> T publishing(
            Operation operation,
            String topic,
            Attributes attributes,
            Supplier<T> asking,
            Function<T, @Nullable BrokerException> failureIn) {
        BrokerSpan span = spans.begin(operation.word(), topic, attributes);
        BrokerException failure = null;
        try {
            T answer = times.measure(operation, attributes, asking);
            failure = failureIn.apply(answer);
            if (failure != null) {
                times.failed(operation);
            }
            return answer;
        } catch (BrokerException e) {
            failure = e;
            throw e;
        } finally {
            span.end(failure);
        }
    }

    /** {@return the first failure; those of a batch are results, and not thrown} */
    private static @Nullable BrokerException failure(List<PublishResult> results) {
        return results.stream()
                .flatMap(result -> result.failure().stream())
                .findFirst()
                .orElse(null);
    }

    /** {@return the attributes of an event of a batch, which all belong to the same request} */
    private static Attributes traced(List<Publication> publications) {
        return publications.isEmpty()
                ? Attributes.EMPTY
                : publications.getFirst().message().attributes();
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
