package dev.longwave.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longwave.broker.Durations;
import dev.longwave.server.auth.Revocation.Kind;
import dev.longwave.server.http.ContentType;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Responses;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.Set;

/**
 * {@code POST /admin/disconnect} ends streams; {@code POST /admin/revoke} also refuses the
 * credentials afterwards. Both take a JSON object with {@code subject} or {@code token}.
 */
public final class RevocationHandler {

    private static final Set<String> MEMBERS = Set.of("subject", "token", "for");
    private static final Duration DEFAULT = Duration.ofHours(24);
    private static final Duration LONGEST = Duration.ofDays(366);

    private final Revocations revocations;
    private final Memory memory;

    public RevocationHandler(Revocations revocations, Memory memory) {
        this.revocations = revocations;
        this.memory = memory;
    }

    /** Answers {@code POST /admin/disconnect}. */
    public void disconnect(ServerRequest request, ServerResponse response) {
        handle(request, response, Duration.ZERO);
    }

    /**
     * Answers {@code POST /admin/revoke}. The member {@code for} says how long credentials are
     * refused that were issued before: as long as they would hold.
     */
    public void revoke(ServerRequest request, ServerResponse response) {
        handle(request, response, DEFAULT);
    }

    private void handle(ServerRequest request, ServerResponse response, Duration fallback) {
        checkType(request);
        JsonNode body = JsonBody.read(request, memory, MEMBERS);
        Duration keepOut = fallback.isZero() ? fallback : duration(body.path("for"), fallback);
        JsonNode subject = body.path("subject");
        JsonNode token = body.path("token");
        if (subject.isTextual() == token.isTextual()) {
            throw Problem.malformedParameter(
                            "subject", "the body must have one of subject and token, a string")
                    .exception();
        }
        if (subject.isTextual()) {
            revocations.revoke(Kind.SUBJECT, subject.textValue(), keepOut);
        } else {
            revocations.revoke(Kind.TOKEN, token.textValue(), keepOut);
        }
        Responses.json(request, response, 202, Json.object().put("for", keepOut.toString()));
    }

    /** No page of another site can send this type without a preflight, which is not answered. */
    private static void checkType(ServerRequest request) {
        if (!ContentType.of(request).is("application/json")) {
            throw Problem.jsonRequired().exception();
        }
    }

    private static Duration duration(JsonNode node, Duration fallback) {
        if (node.isMissingNode()) {
            return fallback;
        }
        try {
            Duration duration = Durations.parse(node.asText());
            if (duration.isPositive() && duration.compareTo(LONGEST) <= 0) {
                return duration;
            }
        } catch (IllegalArgumentException _) {
            // Said below.
        }
        throw Problem.malformedParameter(
                        "for", "for must be a duration, such as 1h or PT1H max=" + LONGEST)
                .exception();
    }
}
