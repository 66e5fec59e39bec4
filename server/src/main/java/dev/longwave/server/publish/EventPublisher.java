package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Attributes;
import dev.longwave.broker.Message;
import dev.longwave.broker.Published;
import dev.longwave.core.EventId;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.http.Json;
import java.util.Map;
import java.util.Set;

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

    public EventPublisher(Publishing publishing) {
        this.publishing = publishing;
        this.input = new EventInput(publishing.settings().maxDataBytes());
    }

    /** {@return the maximum size of the data of one event, in bytes} */
    public int maxDataBytes() {
        return publishing.settings().maxDataBytes();
    }

    /** {@return an event of nothing but text, in UTF-8} */
    public Message text(byte[] utf8) {
        return input.message(utf8, null, null, null, Map.of(), false);
    }

    /** {@return an event of binary data} */
    public Message binary(byte[] data) {
        return input.message(
                data, null, null, null, Map.of(Attributes.CONTENT_TYPE, EventInput.BINARY), false);
    }

    /**
     * {@return the event that {@code json} describes, as a line of {@code POST /events/{topic}}
     * would}
     *
     * @param further members that the object may have besides
     */
    public Message json(JsonNode json, Set<String> further) {
        return input.message(json, further);
    }

    /** Publishes {@code message} in the name of {@code client}, if it may. */
    public Published publish(Identity client, String topic, Message message) {
        client.checkPublish(topic);
        publishing.check().accept(topic, message);
        client.countPublish(message.data().length);
        return publishing.hub().publish(topic, message);
    }

    /** {@return what the publisher of an event is told} */
    public static ObjectNode answer(String topic, Published published) {
        return Json.object()
                .put("id", EventId.of(topic, published.position()))
                .put("durability", published.durability().word())
                .put("duplicate", published.duplicate());
    }
}
