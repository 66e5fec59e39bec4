package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.Message;
import dev.longwave.core.TopicName;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes messages from what publishers send, or says which rule it breaks. */
final class EventInput {

    private static final String RESERVED_TYPE = "gap";
    private static final Set<String> MEMBERS = Set.of("data", "type", "key", "id", "end");

    private final int maxDataBytes;

    EventInput(int maxDataBytes) {
        this.maxDataBytes = maxDataBytes;
    }

    /** A message from its parts. */
    Message message(
            byte[] data,
            @Nullable String id,
            @Nullable String type,
            @Nullable String key,
            boolean end) {
        if (data.length > maxDataBytes) {
            throw Problem.dataTooLarge(maxDataBytes).exception();
        }
        if (!Utf8.isValid(data)) {
            throw Problem.notUtf8().exception();
        }
        if (RESERVED_TYPE.equals(type)) {
            throw Problem.invalidMessage("event type is reserved type=" + RESERVED_TYPE)
                    .exception();
        }
        try {
            return Message.builder(data).id(id).type(type).key(key).end(end).build();
        } catch (IllegalArgumentException e) {
            throw invalid(e.getMessage());
        }
    }

    /**
     * A message from a JSON object with {@code data} (a string, or other JSON to be sent as its
     * compact text) and optionally {@code type}, {@code key}, {@code id} and {@code end}.
     *
     * @param further members that the object may have besides
     */
    Message message(JsonNode event, Set<String> further) {
        if (!event.isObject()) {
            throw invalid("an event must be a JSON object");
        }
        for (Map.Entry<String, JsonNode> member : event.properties()) {
            String name = member.getKey();
            if (!MEMBERS.contains(name) && !further.contains(name)) {
                throw invalid(
                        "unknown member; known are data, type, key, id and end length="
                                + name.length());
            }
        }
        JsonNode data = event.get("data");
        if (data == null) {
            throw invalid("member data is missing");
        }
        String text = data.isTextual() ? data.textValue() : data.toString();
        return message(
                text.getBytes(StandardCharsets.UTF_8),
                text(event, "id"),
                text(event, "type"),
                text(event, "key"),
                flag(event, "end"));
    }

    /**
     * An event that names its topic: a JSON object as for {@link #message(JsonNode, Set)}, with
     * {@code topic} besides.
     */
    Publication publication(JsonNode event) {
        Message message = message(event, Set.of("topic"));
        JsonNode topic = event.path("topic");
        if (!topic.isTextual()) {
            throw Problem.noTopic().exception();
        }
        return new Publication(TopicName.checked(topic.textValue()), message);
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
