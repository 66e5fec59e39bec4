package dev.longwave.server.auth;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Lets pages of other origins read responses: the CORS protocol, WHATWG Fetch, section 3.3. It
 * refuses nothing: without its header fields, a browser does that.
 */
public final class Cors implements Handler {
    /*
     * An origin that is allowed is sent back, and Vary says that the response depends on it, whether it is allowed or
     * not; a cache would else give the response for one origin to another. The headers stay when a handler fails: an
     * error handler adds to them.
     */
    private static final Header VARY = HeaderValues.createCached(HeaderNames.VARY, "Origin");
    private static final Header ANY_ORIGIN =
            HeaderValues.createCached(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    private static final Header CREDENTIALS =
            HeaderValues.createCached(HeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    private static final Header METHODS =
            HeaderValues.createCached(
                    HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, OPTIONS");
    private static final Header REQUEST_FIELDS =
            HeaderValues.createCached(
                    HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS,
                    "Authorization, Cache-Control, Content-Encoding, Content-Type, Idempotency-Key,"
                            + " Last-Event-ID");
    private static final Header RESPONSE_FIELDS =
            HeaderValues.createCached(
                    HeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS,
                    "RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate");
    private static final HeaderName TIMING = HeaderNames.create("Timing-Allow-Origin");
    private static final Header ANY_TIMING = HeaderValues.createCached(TIMING, "*");
    private static final HeaderName REQUEST_PRIVATE =
            HeaderNames.create("Access-Control-Request-Private-Network");
    private static final Header ALLOW_PRIVATE =
            HeaderValues.createCached(
                    HeaderNames.create("Access-Control-Allow-Private-Network"), "true");

    private final Handler next;
    private final Supplier<CorsSettings> settings;

    /**
     * CORS around a handler.
     *
     * @param next handles all requests but preflights
     * @param settings those in force
     */
    public Cors(Handler next, Supplier<CorsSettings> settings) {
        this.next = next;
        this.settings = settings;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        CorsSettings present = settings.get();
        if (present.origins().isEmpty()) {
            next.handle(request, response);
            return;
        }
        response.header(VARY);
        boolean allowed = allow(present, request, response);
        boolean preflight =
                request.prologue().method().equals(Method.OPTIONS)
                        && request.headers().contains(HeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
        if (allowed && preflight) {
            answerPreflight(present, request, response);
        } else {
            next.handle(request, response);
        }
    }

    /** Adds the header fields for the origin of the request, if it has one that is allowed. */
    private static boolean allow(
            CorsSettings settings, ServerRequest request, ServerResponse response) {
        if (!request.headers().contains(HeaderNames.ORIGIN)) {
            return false;
        }
        String origin = request.headers().get(HeaderNames.ORIGIN).get();
        if (settings.origins().name(origin.toLowerCase(Locale.ROOT))) {
            response.header(HeaderValues.create(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin))
                    .header(HeaderValues.create(TIMING, origin));
            if (settings.credentials()) {
                response.header(CREDENTIALS);
            }
        } else if (settings.origins().any()) {
            response.header(ANY_ORIGIN).header(ANY_TIMING);
        } else {
            return false;
        }
        response.header(RESPONSE_FIELDS);
        return true;
    }

    private static void answerPreflight(
            CorsSettings settings, ServerRequest request, ServerResponse response) {
        response.header(METHODS)
                .header(REQUEST_FIELDS)
                .header(
                        HeaderValues.create(
                                HeaderNames.ACCESS_CONTROL_MAX_AGE,
                                Long.toString(settings.maxAge().toSeconds())));
        if (settings.privateNetwork() && request.headers().contains(REQUEST_PRIVATE)) {
            response.header(ALLOW_PRIVATE);
        }
        response.status(Status.NO_CONTENT_204).send();
    }
}
