package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Attributes;
import dev.longwave.broker.Message;
import dev.longwave.broker.Published;
import dev.longwave.core.EventId;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.http.EventSpans;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.ProblemException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Publishes the events that clients send on their own connections, one at a time, under the same
 * rules as those of requests. Safe for many threads.
 *
 * <p>All methods throw a {@link dev.longwave.server.http.ProblemException} if a rule is broken; a
 * {@link dev.longwave.broker.MessageRefusedException} or {@link
 * dev.longwave.broker.BrokerUnavailableException} comes from the broker.
 */
public final class EventPublisher {

    private final Publishing publishing;
    private final EventInput input;
    private final Consumer<Problem> refused;
    private final EventSpans spans;

    /**
     * @param refused is told of what clients are refused
     */
    public EventPublisher(Publishing publishing, Consumer<Problem> refused, EventSpans spans) {
        this.publishing = publishing;
        this.refused = refused;
        this.spans = spans;
        this.input = new EventInput(publishing.hub(), publishing.settings().maxDataBytes());
    }

    /** {@return an event of nothing but text, in UTF-8} */
    public Outgoing text(String topic, byte[] utf8) {
        return event(topic, utf8, Map.of());
    }

    /** {@return an event of binary data} */
    public Outgoing binary(String topic, byte[] data) {
        return of(topic, data, EventInput.BINARY);
    }

    /** {@return an event whose data is of this content type} */
    public Outgoing of(String topic, byte[] data, String contentType) {
        return event(topic, data, Map.of(Attributes.CONTENT_TYPE, contentType));
    }

    private Outgoing event(String topic, byte[] data, Map<String, String> attributes) {
        Message message = input.message(data, null, null, null, attributes, false);
        return Outgoing.of(publishing.hub(), topic, message, false);
    }

    /**
     * {@return the event that {@code json} describes, as a line of {@code POST /events/{topic}}
     * would}
     *
     * @param further members that the object may have besides
     */
    public Outgoing json(String topic, JsonNode json, Set<String> further) {
        return input.event(topic, json, false, further);
    }

    /**
     * Publishes {@code event} in the name of {@code client}, if it may, and the application accepts
     * it.
     *
     * @return the broker's answer; empty if the event is ephemeral
     */
    public Optional<Published> publish(Identity client, Outgoing event) {
        EventSpans.Begun span = spans.begin(event.topic(), event.message());
        RuntimeException failure = null;
        try {
            return publishTraced(client, event.with(span.message()));
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        } finally {
            span.end().accept(failure);
        }
    }

    private Optional<Published> publishTraced(Identity client, Outgoing event) {
        try {
            client.checkPublish(event.topic());
            publishing.check().accept(event.topic(), event.message());
            client.countPublish(event.message().data().length);
            return publishing.accepted(client, event).publishTo(publishing.hub());
        } catch (ProblemException e) {
            refused.accept(e.problem());
            throw e;
        }
    }

    /**
     * {@return what the publisher of an event is told} An ephemeral one has no ID, and nobody knows
     * whom it reaches.
     *
     * @param published the broker's answer; empty if the event is ephemeral
     */
    public static ObjectNode answer(String topic, Optional<Published> published) {
        return published
                .map(known ->
                        Json.object()
                                .put("id", EventId.of(topic, known.position()))
                                .put("durability", known.durability().word())
                                .put("duplicate", known.duplicate()))
                .orElseGet(() -> Json.object().put("ephemeral", true));
    }
}
