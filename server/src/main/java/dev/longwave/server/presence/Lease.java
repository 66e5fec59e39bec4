package dev.longwave.server.presence;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The membership of a connection in a topic, as all nodes know it.
 *
 * @param entered when it came, in milliseconds by its node's clock, and a little later than any
 *     before: it tells a connection that left and came back from what it was
 */
record Lease(String topic, Member member, long entered) {

    /** {@return its name among all leases} */
    Key key() {
        return new Key(topic, member.connection());
    }

    /** What a lease is found by. */
    record Key(String topic, String connection) {}

    boolean isOlderThan(Lease other) {
        return entered != other.entered
                ? entered < other.entered
                : member.connection().compareTo(other.member.connection()) < 0;
    }

    /** {@return all but topic and connection, as JSON} */
    ObjectNode json() {
        ObjectNode json = Json.object().put("e", entered);
        if (!member.user().isEmpty()) {
            json.put("u", member.user());
        }
        if (!member.info().isEmpty()) {
            byte[] info = member.info().getBytes(StandardCharsets.UTF_8);
            json.set("i", Json.parse(info, 0, info.length));
        }
        return json;
    }

    /**
     * {@return what {@link #json()} said; empty for anything else}: others can write to the place
     * that it was read from.
     */
    static Optional<Lease> parse(String topic, String connection, JsonNode json) {
        JsonNode entered = json.path("e");
        JsonNode info = json.path("i");
        if (!entered.canConvertToLong()) {
            return Optional.empty();
        }
        try {
            var member =
                    new Member(
                            connection,
                            json.path("u").asText(""),
                            info.isMissingNode() ? "" : info.toString());
            return Optional.of(new Lease(topic, member, entered.longValue()));
        } catch (ProblemException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
