package dev.longwave.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerResponse;

/** Sends JSON and problem documents. */
public final class Responses {

    private static final Header JSON =
            HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json");
    private static final Header PROBLEM =
            HeaderValues.createCached(HeaderNames.CONTENT_TYPE, Problem.MEDIA_TYPE);
    private static final Header NO_STORE =
            HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store");
    private static final Header RETRY_AFTER =
            HeaderValues.createCached(HeaderNames.RETRY_AFTER, "1");

    private Responses() {}

    /** Sends {@code body} with {@code status}. */
    public static void json(ServerResponse response, int status, JsonNode body) {
        response.status(Status.create(status)).header(JSON).header(NO_STORE).send(Json.bytes(body));
    }

    /** Sends {@code problem}, with its status. */
    public static void problem(ServerResponse response, Problem problem) {
        if (problem.status() == Status.SERVICE_UNAVAILABLE_503.code()) {
            response.header(RETRY_AFTER);
        }
        response.status(Status.create(problem.status()))
                .header(PROBLEM)
                .header(NO_STORE)
                .send(Json.bytes(problem.json()));
    }
}
