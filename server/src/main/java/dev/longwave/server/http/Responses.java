package dev.longwave.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Sends JSON, problem documents, and other bytes; to {@code HEAD}, only what is said of them. */
public final class Responses {

    private static final Header JSON =
            HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json");
    private static final Header PROBLEM =
            HeaderValues.createCached(HeaderNames.CONTENT_TYPE, Problem.MEDIA_TYPE);
    private static final Header NO_STORE =
            HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store");
    private static final Header ACCEPT_GZIP =
            HeaderValues.createCached(HeaderNames.ACCEPT_ENCODING, "gzip");

    /** The request's URL may have a ticket in it. */
    public static final Header NO_REFERRER =
            HeaderValues.createCached(HeaderNames.create("Referrer-Policy"), "no-referrer");

    private Responses() {}

    /** Sends {@code body}, which is small, with {@code status}. */
    public static void json(
            ServerRequest request, ServerResponse response, int status, JsonNode body) {
        response.status(Status.create(status)).header(JSON).header(NO_STORE);
        byte[] bytes = Json.bytes(body);
        send(request, response, bytes, bytes.length);
    }

    /**
     * Sends what {@code body} writes, with {@code status}, and returns once the client has taken
     * it. All that it needs meanwhile is taken from {@code allowance}, which the caller closes.
     *
     * @throws ProblemException if there is no memory left; nothing is sent then
     */
    public static void json(
            ServerRequest request,
            ServerResponse response,
            int status,
            Allowance allowance,
            Json.Writing body) {
        var bytes = new GrowingBytes(allowance, Integer.MAX_VALUE - 8);
        Json.write(bytes, body);
        allowance.take(bytes.length()); // Helidon makes a copy
        response.status(Status.create(status)).header(JSON).header(NO_STORE);
        send(request, response, bytes.array(), bytes.length());
    }

    /** Sends {@code problem}, with its status. */
    public static void problem(ServerRequest request, ServerResponse response, Problem problem) {
        if (problem.retryAfterSeconds() > 0) {
            response.header(
                    HeaderValues.create(HeaderNames.RETRY_AFTER, problem.retryAfterSeconds()));
        }
        problem.rateLimit()
                .forEach((name, value) -> response.header(HeaderNames.create(name), value));
        if (problem.status() == Status.UNAUTHORIZED_401.code()) {
            response.header(HeaderValues.create(HeaderNames.WWW_AUTHENTICATE, problem.challenge()));
        }
        if (problem.status() == Status.UNSUPPORTED_MEDIA_TYPE_415.code()) {
            response.header(ACCEPT_GZIP);
        }
        response.status(Status.create(problem.status()))
                .header(PROBLEM)
                .header(NO_STORE)
                .header(NO_REFERRER);
        byte[] bytes = Json.bytes(problem.json());
        send(request, response, bytes, bytes.length);
    }

    /**
     * Sends the first {@code length} of {@code bytes}, and returns once the client has taken them.
     * Status and headers must be set.
     */
    public static void send(
            ServerRequest request, ServerResponse response, byte[] bytes, int length) {
        if (request.prologue().method().equals(Method.HEAD)) {
            response.header(HeaderValues.create(HeaderNames.CONTENT_LENGTH, length));
            response.send();
        } else {
            response.send(bytes, 0, length);
        }
    }
}
