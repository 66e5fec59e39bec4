package dev.longwave.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.core.Event;
import dev.longwave.core.Gap;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What a subscriber is told, as a JSON object without an ID: an event with {@code topic}, {@code
 * type}, {@code data}, {@code encoding}, and {@code attributes}; a gap with {@code topic}, {@code
 * gap}, which is the reason, {@code after}, and {@code before}.
 */
public final class EventJson {

    private EventJson() {}

    /** {@return {@code event} as an object, to which the caller may add members} */
    public static ObjectNode object(Event event) {
        Entry entry = event.entry();
        if (entry != null) {
            return message(event, entry);
        }
        Gap gap = event.gap();
        if (gap == null) {
            throw new IllegalStateException("where a log begins is not for clients");
        }
        return Json.object()
                .put("topic", event.subscribed())
                .put("gap", gap.reason().word())
                .put("after", gap.after() == null ? null : event.id(gap.after()))
                .put("before", event.id(gap.before()));
    }

    private static ObjectNode message(Event event, Entry entry) {
        Message message = entry.message();
        String topic = entry.topic();
        ObjectNode object = Json.object().put("topic", topic == null ? event.subscribed() : topic);
        if (message.type() != null) {
            object.put("type", message.type());
        }
        if (message.isText()) {
            object.put("data", new String(message.data(), StandardCharsets.UTF_8));
        } else {
            object.put("data", Base64.getEncoder().encodeToString(message.data()));
            object.put("encoding", "base64");
        }
        if (!message.attributes().isEmpty()) {
            ObjectNode attributes = object.putObject("attributes");
            message.attributes().forEach(attributes::put);
        }
        return object;
    }
}
