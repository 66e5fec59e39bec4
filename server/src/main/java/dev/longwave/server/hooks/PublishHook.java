package dev.longwave.server.hooks;

import dev.longwave.broker.Message;
import org.jspecify.annotations.Nullable;

/** Asks the application about what clients publish. Safe for many threads. */
@FunctionalInterface
public interface PublishHook {

    /** Nobody is asked. */
    PublishHook NONE = (_, _, message) -> message;

    /**
     * {@return what to publish in place of {@code message}, which may be the same} Blocks for up to
     * twice {@code hooks.timeout}.
     *
     * @param subject who publishes it; null for a client that has not signed in
     * @param topic where; the client has the right to do so
     * @throws dev.longwave.server.http.ProblemException if the application refuses it, or does not
     *     answer
     */
    Message check(@Nullable String subject, String topic, Message message);
}
