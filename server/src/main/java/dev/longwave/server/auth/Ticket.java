package dev.longwave.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.TopicPattern;
import dev.longwave.server.http.Json;
import dev.longwave.server.session.Credential;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a ticket says, in the clear.
 *
 * @param id differs from that of every other ticket
 * @param purpose what it is good for
 * @param expires until when it can be used; a stream that was opened with it may stay longer
 * @param credential by what right it was issued, and its streams live
 * @param permissions what its streams may do
 */
record Ticket(
        String id,
        Purpose purpose,
        Instant expires,
        Credential credential,
        Permissions permissions) {

    byte[] bytes() {
        ObjectNode json =
                Json.object()
                        .put("i", id)
                        .put("p", purpose.word())
                        .put("e", expires.toEpochMilli())
                        .put("s", credential.subject())
                        .put("t", credential.tokenId());
        put(json, "a", credential.issued());
        put(json, "x", credential.expires().equals(Instant.MAX) ? null : credential.expires());
        put(json, "l", permissions.subscribe());
        put(json, "w", permissions.publish());
        put(json, "r", permissions.presence());
        return Json.bytes(json);
    }

    private static void put(ObjectNode json, String name, @Nullable Instant instant) {
        if (instant != null) {
            json.put(name, instant.toEpochMilli());
        }
    }

    private static void put(ObjectNode json, String name, List<TopicPattern> patterns) {
        var list = json.putArray(name);
        patterns.forEach(pattern -> list.add(pattern.toString()));
    }

    /**
     * {@return the ticket that these bytes are}
     *
     * @throws IllegalArgumentException if they are not those of a ticket
     */
    static Ticket parse(byte[] bytes) {
        JsonNode json = Json.parse(bytes, 0, bytes.length);
        Instant ends = instant(json.get("x"));
        return new Ticket(
                json.path("i").asText(),
                Purpose.valueOf(json.path("p").asText().toUpperCase(Locale.ROOT)),
                Instant.ofEpochMilli(json.path("e").longValue()),
                new Credential(
                        text(json.get("s")),
                        text(json.get("t")),
                        instant(json.get("a")),
                        ends == null ? Instant.MAX : ends),
                new Permissions(
                        patterns(json.path("l")),
                        patterns(json.path("w")),
                        patterns(json.path("r"))));
    }

    private static @Nullable String text(@Nullable JsonNode node) {
        return node == null ? null : node.textValue();
    }

    private static @Nullable Instant instant(@Nullable JsonNode node) {
        return node == null ? null : Instant.ofEpochMilli(node.longValue());
    }

    private static List<TopicPattern> patterns(JsonNode list) {
        var patterns = new ArrayList<TopicPattern>();
        list.forEach(text -> patterns.add(TopicPattern.parse(text.asText())));
        return patterns;
    }
}
