package dev.longwave.server.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Presence;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * A node, as it describes itself to the others.
 *
 * @param id tells it from the others
 * @param version the version of its server
 * @param since when it started, by its own clock
 * @param streams how many streams were open
 * @param draining whether it sends its clients to other nodes
 */
public record ClusterNode(String id, String version, Instant since, int streams, boolean draining) {

    private static final int MAX_VERSION_LENGTH = 64;

    /** {@return what {@link #parse} reads} */
    Presence.Member member() {
        return Presence.Member.of(id, description().toString());
    }

    /**
     * {@return what a member says of itself; empty if it is not a node}: others can write to the
     * place that it was read from.
     */
    static Optional<ClusterNode> parse(Presence.Member member) {
        byte[] info = member.info().getBytes(StandardCharsets.UTF_8);
        try {
            JsonNode json = Json.parse(info, 0, info.length);
            String version = json.path("version").asText();
            Instant since = Instant.parse(json.path("since").asText());
            return version.length() > MAX_VERSION_LENGTH
                    ? Optional.empty()
                    : Optional.of(
                            new ClusterNode(
                                    member.id(),
                                    version,
                                    since,
                                    json.path("streams").asInt(),
                                    json.path("draining").asBoolean()));
        } catch (ProblemException | IllegalArgumentException | DateTimeException _) {
            return Optional.empty();
        }
    }

    /** {@return the document that clients receive} */
    ObjectNode json() {
        ObjectNode json = Json.object().put("node", id);
        json.setAll(description());
        return json;
    }

    private ObjectNode description() {
        return Json.object()
                .put("version", version)
                .put("since", since.toString())
                .put("streams", streams)
                .put("draining", draining);
    }
}
