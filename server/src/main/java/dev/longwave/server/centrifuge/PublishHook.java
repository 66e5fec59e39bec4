package dev.longwave.server.centrifuge;

import dev.longwave.broker.Message;
import dev.longwave.server.auth.Identity;

/** Is asked before the event of a client is published. Safe for many threads. */
@FunctionalInterface
public interface PublishHook {

    /** Takes every event as it is. */
    PublishHook NONE = (_, _, message) -> message;

    /**
     * {@return the event to publish in place of {@code message}} May block, within a deadline.
     *
     * @throws dev.longwave.server.http.ProblemException if it must not be published
     */
    Message check(Identity client, String topic, Message message);
}
