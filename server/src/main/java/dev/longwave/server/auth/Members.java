package dev.longwave.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.server.http.Problem;
import java.util.Map;
import java.util.Set;

/** The members of the object that a request has for a body. */
final class Members {

    private static final int MAX_QUOTED = 50;

    private Members() {}

    /**
     * Checks that there are no others: one that is mistyped would be ignored, and more be done than
     * was meant.
     *
     * @throws dev.longwave.server.http.ProblemException if there are, or it is not an object
     */
    static void check(JsonNode body, Set<String> known) {
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
    }
}
