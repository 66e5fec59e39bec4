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
