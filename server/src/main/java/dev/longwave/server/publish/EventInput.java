package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.Attributes;
import dev.longwave.broker.Message;
import dev.longwave.broker.NotUtf8Exception;
import dev.longwave.core.Hub;
import dev.longwave.core.TopicName;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes messages from what publishers send, or says which rule it breaks. */
final class EventInput {

    private static final String BASE64 = "base64";
    static final String BINARY = "application/octet-stream";
    private static final Set<String> MEMBERS =
            Set.of("data", "encoding", "attributes", "type", "key", "id", "end", "ephemeral");

    private final Hub hub;
    private final int maxDataBytes;
    private final Map<String, String> trace; // of events that do not say which they belong to

    EventInput(Hub hub, int maxDataBytes) {
        this(hub, maxDataBytes, Map.of());
    }

    private EventInput(Hub hub, int maxDataBytes, Map<String, String> trace) {
        this.hub = hub;
        this.maxDataBytes = maxDataBytes;
        this.trace = trace;
    }

    /** {@return the same for events of a request that belongs to {@code of}, a trace or none} */
    EventInput tracing(Map<String, String> of) {
        return of.isEmpty() ? this : new EventInput(hub, maxDataBytes, of);
    }

    /** A message from its parts. */
    Message message(
            byte[] data,
            @Nullable String id,
            @Nullable String type,
            @Nullable String key,
            Map<String, String> attributes,
            boolean end) {
        if (data.length > maxDataBytes) {
            throw Problem.dataTooLarge(maxDataBytes).exception();
        }
        try {
            Message.Builder builder = Message.builder(data).id(id).type(type).key(key).end(end);
            attributes.forEach(builder::attribute);
            return builder.build();
        } catch (NotUtf8Exception _) {
            throw Problem.notUtf8().exception();
        } catch (IllegalArgumentException e) {
            throw invalid(e.getMessage());
        }
    }

    /**
     * An event from a JSON object with {@code data} (a string, or other JSON to be sent as its
     * compact text) and optionally {@code encoding}, {@code attributes}, {@code type}, {@code key},
     * {@code id}, {@code end}, and {@code ephemeral}.
     *
     * @param ephemeral whether it is ephemeral even if it does not say so
     */
    Outgoing event(String topic, JsonNode event, boolean ephemeral) {
        return event(topic, event, ephemeral, Set.of());
    }

    /**
     * The same.
     *
     * @param further additional members that the object may have
     */
    Outgoing event(String topic, JsonNode event, boolean ephemeral, Set<String> further) {
        Message message = message(event, further);
        return Outgoing.of(hub, topic, message, flag(event, "ephemeral") || ephemeral);
    }

    /**
     * @param further additional members that the object may have
     */
    private Message message(JsonNode event, Set<String> further) {
        if (!event.isObject()) {
            throw invalid("an event must be a JSON object");
        }
        for (Map.Entry<String, JsonNode> member : event.properties()) {
            String name = member.getKey();
            if (!MEMBERS.contains(name) && !further.contains(name)) {
                throw invalid(
                        "unknown member; known are data, encoding, attributes, type, key, id, end,"
                                + " and ephemeral length="
                                + name.length());
            }
        }
        JsonNode data = event.get("data");
        if (data == null) {
            throw invalid("member data is missing");
        }
        Map<String, String> attributes = attributes(event);
        addTrace(attributes);
        byte[] bytes;
        if (text(event, "encoding") == null) {
            String text = data.isTextual() ? data.textValue() : data.toString();
            bytes = text.getBytes(StandardCharsets.UTF_8);
        } else {
            bytes = decoded(event, data);
            attributes.putIfAbsent(Attributes.CONTENT_TYPE, BINARY);
        }
        return message(
                bytes,
                text(event, "id"),
                text(event, "type"),
                text(event, "key"),
                attributes,
                flag(event, "end"));
    }

    /** A trace is no reason to refuse an event that would otherwise be accepted. */
    private void addTrace(Map<String, String> attributes) {
        if (!attributes.containsKey(Attributes.TRACEPARENT)
                && attributes.size() + trace.size() < Attributes.MAX_COUNT) {
            attributes.putAll(trace);
        }
    }

    private static byte[] decoded(JsonNode event, JsonNode data) {
        if (!BASE64.equals(text(event, "encoding"))) {
            throw invalid("member encoding must be base64");
        }
        if (!data.isTextual()) {
            throw invalid("member data must be a string with encoding base64");
        }
        try {
            return Base64.getDecoder().decode(data.textValue());
        } catch (IllegalArgumentException _) {
            throw invalid("member data is not base64");
        }
    }

    private static Map<String, String> attributes(JsonNode event) {
        var attributes = new LinkedHashMap<String, String>();
        JsonNode member = event.get("attributes");
        if (member == null || member.isNull()) {
            return attributes;
        }
        if (!member.isObject()) {
            throw invalid("member attributes must be an object");
        }
        for (Map.Entry<String, JsonNode> attribute : member.properties()) {
            if (!attribute.getValue().isTextual()) {
                throw invalid("the values of member attributes must be strings");
            }
            attributes.put(attribute.getKey(), attribute.getValue().textValue());
        }
        return attributes;
    }

    /**
     * An event that names its topic: a JSON object as for {@link #event(String, JsonNode,
     * boolean)}, with {@code topic} besides.
     */
    Outgoing event(JsonNode event) {
        Message message = message(event, Set.of("topic"));
        JsonNode topic = event.path("topic");
        if (!topic.isTextual()) {
            throw Problem.noTopic().exception();
        }
        return Outgoing.of(
                hub, TopicName.checked(topic.textValue()), message, flag(event, "ephemeral"));
    }

    private static @Nullable String text(JsonNode event, String name) {
        JsonNode value = event.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw invalid("member %s must be a string".formatted(name));
        }
        return value.textValue();
    }

    private static boolean flag(JsonNode event, String name) {
        JsonNode value = event.get(name);
        if (value == null || value.isNull()) {
            return false;
        }
        if (!value.isBoolean()) {
            throw invalid("member %s must be true or false".formatted(name));
        }
        return value.booleanValue();
    }

    private static ProblemException invalid(@Nullable String words) {
        return Problem.invalidMessage(words == null ? "not valid" : words).exception();
    }
}
