package dev.longwave.server.auth;

import dev.longwave.server.http.Problem;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue of problems with credentials, permissions, tickets, and quotas. A member {@code
 * topic} has the whole name, which is short enough, so that clients can tell which one it is.
 */
final class Refusals {

    private Refusals() {}

    /** Something that a client without a credential may not do. */
    static Problem unauthenticated(String action, String topic) {
        return new Problem(
                        "authentication-required",
                        401,
                        "The client must sign in",
                        "without a credential, a client may not %s this topic; send a token as"
                                        .formatted(action)
                                + " Authorization: Bearer topic="
                                + Problem.shortened(topic))
                .with("topic", topic);
    }

    /** Something that only a client with a credential may do. */
    static Problem unauthenticated(String action) {
        return new Problem(
                "authentication-required",
                401,
                "The client must sign in",
                "without a credential, a client may not %s; send a token as Authorization: Bearer"
                        .formatted(action));
    }

    /** A ticket that would not fit into a URL. */
    static Problem ticketTooLong(int length, int max) {
        return new Problem(
                        "ticket-too-long",
                        400,
                        "The ticket would be too long for a URL",
                        "name fewer topics, or patterns in their place length=%d max=%d"
                                .formatted(length, max))
                .with("max", max);
    }

    /** The application does not say whose session it is. */
    static Problem sessionsUnavailable() {
        return new Problem(
                "sessions-unavailable",
                503,
                "Sessions cannot be checked now",
                "the application that knows the session does not answer; try again");
    }

    /** Tickets are not available with this configuration. */
    static Problem ticketsUnavailable() {
        return new Problem(
                "tickets-unavailable",
                501,
                "There are no tickets on this server",
                "the nodes share no secret, or the broker has no claims; set auth.ticket-secret");
    }

    /** Something that the client may not do, whoever it is. */
    static Problem forbidden(String action, String topic) {
        return new Problem(
                        "topic-forbidden",
                        403,
                        "The client has no right to do this",
                        "the credential does not allow to %s this topic topic=%s"
                                .formatted(action, Problem.shortened(topic)))
                .with("topic", topic);
    }

    /**
     * A credential that is not accepted.
     *
     * @param reason why, in a word
     * @param words why; nothing of the credential
     */
    static Problem credentialRefused(String reason, @Nullable String words) {
        return new Problem(
                        Problem.CREDENTIAL_REFUSED,
                        401,
                        "The credential is not accepted",
                        words == null ? "not accepted" : words)
                .with("reason", reason);
    }

    /** A credential of a kind that is not known. */
    static Problem unsupportedScheme() {
        return new Problem(
                "authorization-scheme",
                401,
                "The kind of credential is not supported",
                "Authorization must be Bearer and a token");
    }

    /** Credentials of which one would be ignored. */
    static Problem severalCredentials() {
        return new Problem(
                "credentials-ambiguous",
                400,
                "The request has several credentials",
                "a request must have one credential: one Authorization field, one cookie, one"
                        + " ticket, or one token among the protocols of a WebSocket");
    }

    /** A request that a page of another site made with its visitor's cookie. */
    static Problem crossSite() {
        return new Problem(
                "cross-site",
                403,
                "Pages of other sites may not use the visitor's credentials",
                "the request has a cookie or certificate and comes from another site; name its"
                        + " origin in cors.origins and set cors.credentials, or send a token or"
                        + " ticket");
    }

    /** More of something than a client may do in some time. */
    static Problem quotaExceeded(String limit, long max, int windowSeconds, long retrySeconds) {
        return new Problem(
                        limit,
                        429,
                        "The client does too much of this",
                        "try again in %d s limit=limits.%s max=%d"
                                .formatted(retrySeconds, limit, max))
                .with("max", max)
                .with(Problem.WINDOW, (long) windowSeconds)
                .with(Problem.RETRY_AFTER, retrySeconds);
    }

    /** One stream more than a client may have. */
    static Problem tooManyStreams(int max) {
        return new Problem(
                        "streams-per-client",
                        429,
                        "The client has too many streams",
                        "too many open streams of one client limit=limits.streams-per-client max="
                                + max)
                .with("max", max);
    }

    /** A token where it would get into logs. */
    static Problem tokenInQuery(String parameter) {
        return new Problem(
                        "token-in-query",
                        400,
                        "A token must not be in the query",
                        "queries are logged; send the token as Authorization: Bearer, or get a"
                                + " ticket with POST /tickets")
                .with("parameter", parameter);
    }

    /** Tokens cannot be checked. */
    static Problem keysUnavailable() {
        return new Problem(
                "keys-unavailable",
                503,
                "Tokens cannot be checked now",
                "the keys of the token's issuer are not known yet; try again");
    }
}
