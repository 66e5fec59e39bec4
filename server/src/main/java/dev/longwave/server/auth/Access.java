package dev.longwave.server.auth;

import io.helidon.webserver.http.ServerRequest;

/** Tells who sends a request, and with it what the request may do. Safe for many threads. */
@FunctionalInterface
public interface Access extends AutoCloseable {

    /** Everyone may do everything. */
    Access OPEN = (_, _) -> Identity.ANYONE;

    /**
     * {@return who sends {@code request}: without a credential, an anonymous client}
     *
     * @param purpose what the request is for; a ticket for it is used up
     * @throws dev.longwave.server.http.ProblemException if it has a credential that is not
     *     accepted. Such a request is never taken for one without a credential
     */
    Identity identify(ServerRequest request, Purpose purpose);

    /**
     * {@return whose {@code token} is, which was sent on an open connection and not with a request}
     * It is one that would be accepted as {@code Authorization: Bearer}.
     *
     * @param opener whose request has opened the connection
     * @throws dev.longwave.server.http.ProblemException if it is not accepted
     */
    default Identity identify(String token, Identity opener) {
        return opener;
    }

    /**
     * {@return a client that may read {@code topic} and nothing else, by a token for that}
     *
     * @param topic a topic or pattern: what the token names as {@code channel} or {@code topic}
     * @param client who sends it: the subject of the token must be the same
     * @throws dev.longwave.server.http.ProblemException if it is not accepted
     */
    default Identity identifySubscriber(String token, String topic, Identity client) {
        return client;
    }

    /**
     * Counts that {@code request} was refused.
     *
     * @return whether its client is refused so often that it is to be told to stop
     */
    default boolean isRefusedTooOften(ServerRequest request) {
        return false;
    }

    /** Releases what it needs to check credentials. */
    @Override
    default void close() {}
}
