package dev.longwave.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.http.Allowance;
import dev.longwave.server.http.Body;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Problem;
import io.helidon.webserver.http.ServerRequest;
import java.util.Map;
import java.util.Set;

/** A small request body: a JSON object, or nothing. */
final class JsonBody {

    private static final int MAX_BYTES = 16 << 10;
    private static final int MAX_QUOTED = 50;

    private JsonBody() {}

    /**
     * {@return the object in the body of {@code request}, empty if there is no body}
     *
     * @param known the members that it may have. Others are refused: if a mistyped one were
     *     ignored, the request would do more than it says
     * @throws dev.longwave.server.http.ProblemException if the body is anything else
     */
    static JsonNode read(ServerRequest request, Memory memory, Set<String> known) {
        JsonNode body = parsed(request, memory);
        if (!body.isObject()) {
            throw Problem.malformedJson("the body must be an object").exception();
        }
        for (Map.Entry<String, JsonNode> member : body.properties()) {
            String name = member.getKey();
            if (!known.contains(name)) {
                throw Problem.malformedParameter(
                                name.length() > MAX_QUOTED ? "" : name,
                                "unknown member; known are " + String.join(", ", known))
                        .exception();
            }
        }
        return body;
    }

    private static JsonNode parsed(ServerRequest request, Memory memory) {
        try (Allowance allowance = memory.forRequest(request)) {
            byte[] bytes =
                    Body.bytes(
                            request,
                            memory,
                            allowance,
                            MAX_BYTES,
                            () -> Problem.bodyTooLarge(MAX_BYTES));
            return bytes.length == 0 ? Json.object() : Json.parse(bytes, 0, bytes.length);
        } catch (IllegalArgumentException e) {
            throw Problem.malformedJson(String.valueOf(e.getMessage())).exception();
        }
    }
}
