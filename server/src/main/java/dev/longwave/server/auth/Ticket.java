package dev.longwave.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.TopicPattern;
import dev.longwave.server.http.Json;
import dev.longwave.server.session.Credential;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a ticket says, in the clear.
 *
 * @param id differs from that of every other ticket
 * @param purpose what it is good for
 * @param expires until when it can be used; a stream that was opened with it may stay longer
 * @param credential by what right it was issued, and its streams live
 * @param grant what its streams may do
 */
record Ticket(String id, Purpose purpose, Instant expires, Credential credential, Grant grant) {

    byte[] bytes() {
        ObjectNode json =
                Json.object()
                        .put("i", id)
                        .put("p", purpose.word())
                        .put("e", expires.toEpochMilli());
        put(json, "s", credential.subject());
        put(json, "t", credential.tokenId());
        put(json, "a", credential.issued());
        put(json, "x", credential.expires().equals(Instant.MAX) ? null : credential.expires());
        putKey(json, credential.key());
        put(json, "l", grant.own().subscribe());
        put(json, "w", grant.own().publish());
        put(json, "r", grant.own().presence());
        put(json, "n", grant.within());
        put(json, grant.grantee());
        return Json.bytes(json);
    }

    private static void put(ObjectNode json, Grantee grantee) {
        json.put("g", grantee.kind().name().toLowerCase(Locale.ROOT));
        put(json, "u", grantee.subject());
        if (!grantee.roles().isEmpty()) {
            var roles = json.putArray("o");
            grantee.roles().forEach(roles::add);
        }
    }

    private static void putKey(ObjectNode json, Credential.@Nullable Key key) {
        if (key != null) {
            json.put("k", key.id());
            json.put("ks", key.source());
        }
    }

    private static void put(ObjectNode json, String name, @Nullable String text) {
        if (text != null) {
            json.put(name, text);
        }
    }

    private static void put(ObjectNode json, String name, @Nullable Instant instant) {
        if (instant != null) {
            json.put(name, instant.toEpochMilli());
        }
    }

    private static void put(ObjectNode json, String name, List<TopicPattern> patterns) {
        if (!patterns.isEmpty()) {
            var list = json.putArray(name);
            patterns.forEach(pattern -> list.add(pattern.toString()));
        }
    }

    /**
     * {@return the ticket that these bytes are; empty if another version has written them, whose
     * tickets are others}
     */
    static Optional<Ticket> parse(byte[] bytes) {
        try {
            return Optional.of(ticket(bytes));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static Ticket ticket(byte[] bytes) {
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
                        ends == null ? Instant.MAX : ends,
                        key(json)),
                new Grant(
                        new Permissions(
                                patterns(json.path("l")),
                                patterns(json.path("w")),
                                patterns(json.path("r"))),
                        grantee(json),
                        patterns(json.path("n"))));
    }

    private static Credential.@Nullable Key key(JsonNode json) {
        String id = text(json.get("k"));
        String source = text(json.get("ks"));
        if (id == null && source == null) {
            return null;
        }
        if (id == null || source == null) {
            throw new IllegalArgumentException("a key has an ID and a source");
        }
        return new Credential.Key(source, id);
    }

    private static Grantee grantee(JsonNode json) {
        var roles = new HashSet<String>();
        json.path("o").forEach(role -> roles.add(role.asText()));
        return new Grantee(
                Grantee.Kind.valueOf(json.path("g").asText().toUpperCase(Locale.ROOT)),
                text(json.get("u")),
                roles);
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
