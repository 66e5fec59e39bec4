package dev.longwave.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.core.InvalidTopicException;
import dev.longwave.server.net.RequestFault;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A problem document: RFC 9457.
 *
 * @param rule the rule that was broken, such as {@code data-too-large}; the last part of the
 *     problem's type
 * @param status the HTTP status
 * @param title what went wrong, the same for every occurrence
 * @param detail what went wrong this time, ending in facts
 * @param facts further members, such as the limit: numbers, strings, and booleans
 */
public record Problem(
        String rule, int status, String title, String detail, Map<String, Object> facts) {

    /** The media type of problem documents. */
    public static final String MEDIA_TYPE = "application/problem+json";

    /** The rule of a problem with a credential that is not accepted. */
    public static final String CREDENTIAL_REFUSED = "credential-refused";

    private static final String ADMIN_PASSWORD = "admin-password";

    /** A fact of a problem that passes: after how many seconds to try again, as a {@code long}. */
    public static final String RETRY_AFTER = "retryAfter";

    /** A fact of an exceeded quota: for how many seconds it is, as a {@code long}. */
    public static final String WINDOW = "window";

    private static final int MAX_QUOTED = 200;

    private static final System.Logger LOGGER = System.getLogger(Problem.class.getName());

    public Problem {
        facts = Map.copyOf(facts);
    }

    /** A problem without further members. */
    public Problem(String rule, int status, String title, String detail) {
        this(rule, status, title, detail, Map.of());
    }

    /** {@return this problem with one more member} */
    public Problem with(String name, Object fact) {
        var more = new LinkedHashMap<>(facts);
        more.put(name, fact);
        return new Problem(rule, status, title, detail, more);
    }

    /** {@return an exception that carries this problem to the error handler} */
    public ProblemException exception() {
        return new ProblemException(this);
    }

    /** {@return after how many seconds to try again, or 0 if that would not help} */
    long retryAfterSeconds() {
        if (facts.get(RETRY_AFTER) instanceof Long seconds) {
            return seconds;
        }
        return switch (status) {
            case 503 -> 1;
            case 429 -> 5;
            default -> 0;
        };
    }

    /**
     * {@return the fields {@code RateLimit-Policy} and {@code RateLimit}, if a quota is exceeded}
     */
    Map<String, String> rateLimit() {
        if (!(facts.get(WINDOW) instanceof Long window)) {
            return Map.of();
        }
        return Map.of(
                "RateLimit-Policy",
                "\"%s\";q=%s;w=%d".formatted(rule, facts.get("max"), window),
                "RateLimit",
                "\"%s\";r=0;t=%d".formatted(rule, retryAfterSeconds()));
    }

    /** {@return the value of {@code WWW-Authenticate} that goes with it: RFC 6750, section 3} */
    String challenge() {
        return switch (rule) {
            case CREDENTIAL_REFUSED -> "Bearer realm=\"longwave\", error=\"invalid_token\"";
            case ADMIN_PASSWORD -> "Basic realm=\"Longwave admin\""; // RFC 7617
            default -> "Bearer realm=\"longwave\"";
        };
    }

    /** {@return the document} */
    public ObjectNode json() {
        ObjectNode document =
                Json.object()
                        .put("type", "urn:longwave:problem:" + rule)
                        .put("title", title)
                        .put("status", status)
                        .put("detail", detail);
        facts.forEach(document::putPOJO);
        return document;
    }

    // The catalogue.

    public static Problem of(RequestFault fault) {
        var problem = new Problem(fault.rule(), fault.status(), fault.title(), fault.detail());
        return fault.max() == 0 ? problem : problem.with("max", fault.max());
    }

    public static Problem invalidTopic(InvalidTopicException e) {
        return new Problem(e.rule(), 400, "The topic's name is not valid", words(e));
    }

    public static Problem noTopic() {
        return new Problem("topic-missing", 400, "The request names no topic", "topic missing");
    }

    public static Problem tooManyTopics(int topics, int max) {
        return new Problem(
                        "topics-per-stream",
                        400,
                        "The stream has too many topics",
                        "too many topics for one stream topics=%d max=%d".formatted(topics, max))
                .with("max", max);
    }

    public static Problem malformedId(String words) {
        return new Problem("event-id-malformed", 400, "The event ID is not valid", words);
    }

    public static Problem foreignId() {
        return new Problem(
                "event-id-foreign",
                400,
                "The event ID belongs to other topics",
                "the event ID names none of the topics of this stream");
    }

    public static Problem malformedSince(String words) {
        return new Problem("since-malformed", 400, "The value of since is not valid", words);
    }

    public static Problem malformedParameter(String name, String words) {
        return new Problem("parameter-malformed", 400, "A parameter is not valid", words)
                .with("parameter", name);
    }

    /**
     * @param nearest the parameter that may be meant
     * @param known all that the request may have
     */
    static Problem unknownParameter(String name, Optional<String> nearest, List<String> known) {
        String hint = nearest.map(meant -> "; did you mean " + meant + "?").orElse("");
        String all =
                known.isEmpty()
                        ? "this request takes none"
                        : "known are " + String.join(", ", known);
        Problem problem =
                new Problem(
                                "parameter-unknown",
                                400,
                                "The request has an unknown parameter",
                                "unknown parameter %s%s (%s)".formatted(shortened(name), hint, all))
                        .with("parameter", shortened(name));
        return nearest.map(meant -> problem.with("nearest", meant)).orElse(problem);
    }

    public static Problem invalidMessage(String words) {
        return new Problem("message-invalid", 400, "The event is not valid", words);
    }

    public static Problem malformedJson(String words) {
        return new Problem("json-malformed", 400, "The body is not valid JSON", words);
    }

    public static Problem notUtf8() {
        return new Problem(
                "data-not-utf-8",
                400,
                "The data is not UTF-8",
                "the data is not valid UTF-8; event data must be UTF-8 text");
    }

    public static Problem dataTooLarge(long maxBytes) {
        return new Problem(
                        "data-too-large",
                        413,
                        "The event's data is too large",
                        "data too large maxBytes=" + maxBytes)
                .with("maxBytes", maxBytes);
    }

    public static Problem bodyTooLarge(long maxBytes) {
        return new Problem(
                        "body-too-large",
                        413,
                        "The request's body is too large",
                        "body too large maxBytes=" + maxBytes)
                .with("maxBytes", maxBytes);
    }

    public static Problem tooManyEvents(int events, int max) {
        return new Problem(
                        "events-per-batch",
                        400,
                        "The batch has too many events",
                        "too many events in one batch events=%d max=%d".formatted(events, max))
                .with("max", max);
    }

    public static Problem refused(MessageRefusedException e) {
        return new Problem("message-refused", 422, "The broker refused the event", words(e));
    }

    /** The exception's message goes only to the log, because it names the broker's servers. */
    public static Problem brokerUnavailable(BrokerUnavailableException e) {
        LOGGER.log(System.Logger.Level.DEBUG, "the broker did not answer a request", e);
        return new Problem(
                "broker-unavailable",
                503,
                "The broker did not answer",
                "no answer from the broker: the outcome is unknown, and it is safe to publish again"
                        + " with the same id");
    }

    /** Neither the servers nor what they said is told to clients. */
    public static Problem brokerRefused(BrokerRefusedException e) {
        LOGGER.log(System.Logger.Level.DEBUG, "the broker refused a request", e);
        String reason = e.reason().word();
        return new Problem(
                        "broker-refused",
                        503,
                        "The broker refuses to store events",
                        "the broker's servers refused this, and nothing has changed reason="
                                + reason)
                .with("reason", reason);
    }

    public static Problem deleteUnsupported() {
        return new Problem(
                "delete-unsupported",
                501,
                "The broker cannot delete events",
                "this broker cannot delete the events of a topic");
    }

    public static Problem noHistory() {
        return new Problem(
                "no-history",
                501,
                "The broker keeps no history",
                "history is not available with this broker");
    }

    public static Problem patternsUnsupported(String brokerType) {
        return new Problem(
                        "patterns-unsupported",
                        501,
                        "The broker does not support patterns",
                        "this broker cannot read topics by pattern broker=" + brokerType)
                .with("broker", brokerType);
    }

    public static Problem ephemeralUnsupported() {
        return new Problem(
                "ephemeral-unsupported",
                501,
                "The broker does not support ephemeral events",
                "this broker carries only events that are in its log");
    }

    public static Problem notFound(String path) {
        return new Problem(
                "not-found",
                404,
                "The resource does not exist",
                "no such resource path=" + shortened(path));
    }

    public static Problem methodNotAllowed(String method) {
        return new Problem(
                "method-not-allowed",
                405,
                "The method is not allowed here",
                "method not allowed method=" + shortened(method));
    }

    public static Problem tooManyFigureStreams(int max) {
        return new Problem(
                        "figure-streams",
                        429,
                        "Too many clients watch the figures",
                        "too many streams of figures max=" + max)
                .with("max", max);
    }

    /** A new stream on a node that sends its clients to others. */
    public static Problem draining(long retrySeconds) {
        return new Problem(
                        "draining",
                        503,
                        "The server is about to stop",
                        "this node opens no more streams; connect again, to another node")
                .with(RETRY_AFTER, retrySeconds);
    }

    /** A body of a form, which is not what it would be published as. */
    public static Problem formBody(String type) {
        return new Problem(
                        "content-type-unsupported",
                        415,
                        "The body must not be a form",
                        ("the body is a form (%s), but it must be the event's data itself: send it"
                                        + " as it is, for example with Content-Type: text/plain or"
                                        + " application/json")
                                .formatted(shortened(type)))
                .with("contentType", shortened(type));
    }

    /** The server stops, and takes no request that lasts. */
    public static Problem stopping() {
        return new Problem(
                "stopping",
                503,
                "The server is stopping",
                "the server is stopping and takes no new requests of this kind; try again");
    }

    /** A body that is not said to be JSON. */
    public static Problem jsonRequired() {
        return new Problem(
                "content-type-unsupported",
                415,
                "The body must be JSON",
                "send a JSON object with Content-Type: application/json");
    }

    /**
     * @param limit the last part of the setting that bounds the memory, which is the rule too
     */
    static Problem shortOfMemory(String limit, long max) {
        return new Problem(
                        limit,
                        503,
                        "The server has no memory left for this request",
                        "too many bytes of all clients together; try again limit=limits.%s max=%d"
                                .formatted(limit, max))
                .with("max", max);
    }

    static Problem unsupportedCoding() {
        return new Problem(
                "content-encoding-unsupported",
                415,
                "The body's content encoding is not supported",
                "the content encoding must be gzip or identity, and at most one");
    }

    static Problem malformedCoding() {
        return new Problem(
                "content-encoding-malformed",
                400,
                "The body is not what its content encoding says",
                "the body is not complete and valid gzip");
    }

    static Problem malformedQuery(String words) {
        return new Problem("query-malformed", 400, "The query is not valid", words);
    }

    /** A request to the admin listener does not have its password. */
    public static Problem adminPassword() {
        return new Problem(
                ADMIN_PASSWORD,
                401,
                "The admin listener needs its password",
                "send the user name admin and the password of admin.password with HTTP Basic");
    }

    static Problem foreignHost() {
        return new Problem(
                "foreign-host",
                421,
                "The server does not answer under this name",
                "the host must be a loopback name, such as localhost, or a loopback address; set"
                        + " server.loopback-names-only to false to allow others");
    }

    static Problem foreignOrigin() {
        return new Problem(
                "foreign-origin",
                403,
                "The server does not answer to pages of this origin",
                "the origin must be absent or have a loopback name; set server.loopback-names-only"
                        + " to false to allow others");
    }

    /** More probes than there may be at a time. */
    public static Problem tooManyProbes(int max) {
        return new Problem(
                        "probes",
                        429,
                        "There are too many probes at a time",
                        "too many probe streams are open; try again in a moment max=" + max)
                .with("max", max);
    }

    /** A block of an event stream that would be too large. */
    public static Problem blockTooLarge(long maxBytes) {
        return new Problem(
                        "block-too-large",
                        413,
                        "The event is too large for an event stream",
                        "event too large with its fields limit=sse.max-block maxBytes=" + maxBytes)
                .with("maxBytes", maxBytes);
    }

    /** A header field of a trusted proxy that says nothing that makes sense. */
    static Problem malformedForwarded(String words) {
        return new Problem(
                "forwarded-malformed",
                400,
                "A proxy has sent a header that is not valid",
                words + "; see net.forwarded-field");
    }

    public static Problem malformedRequest(int status, @Nullable String words) {
        return new Problem(
                "request-malformed",
                status,
                "The request is not valid",
                words == null ? "request malformed" : words);
    }

    public static Problem internal() {
        return new Problem(
                "internal", 500, "The server failed", "an unexpected error; see the server's log");
    }

    /** {@return what a client sent, as far as it is to be repeated to it} */
    public static String shortened(String text) {
        return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
    }

    private static String words(RuntimeException e) {
        return e.getMessage() == null ? "no details" : e.getMessage();
    }
}
