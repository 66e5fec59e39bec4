package dev.longwave.server.publish;

import dev.longwave.broker.Message;
import dev.longwave.broker.Publication;
import dev.longwave.broker.Published;
import dev.longwave.core.Hub;
import dev.longwave.server.http.Problem;
import java.util.Optional;

/**
 * An event that a client publishes.
 *
 * @param topic its topic
 * @param message what it carries
 * @param ephemeral whether only those receive it who are subscribed now; by its topic's rule or by
 *     its publisher's wish
 */
public record Outgoing(String topic, Message message, boolean ephemeral) {

    /**
     * {@return an event as it is to be published}
     *
     * @param wanted whether the publisher wants it to be ephemeral
     * @throws dev.longwave.server.http.ProblemException if it is ephemeral, and cannot be
     */
    static Outgoing of(Hub hub, String topic, Message message, boolean wanted) {
        boolean ephemeral = wanted || hub.isEphemeral(topic);
        if (ephemeral && !hub.hasEphemeral()) {
            throw Problem.ephemeralUnsupported().exception();
        }
        if (ephemeral && message.end()) {
            throw Problem.invalidMessage("an ephemeral event cannot be the last event of its topic")
                    .exception();
        }
        return new Outgoing(topic, message, ephemeral);
    }

    /** {@return the same with another message} */
    Outgoing with(Message other) {
        return new Outgoing(topic, other, ephemeral);
    }

    /** Publishes it. {@return the broker's answer; empty if it is ephemeral} */
    Optional<Published> publishTo(Hub hub) {
        if (ephemeral) {
            hub.broadcast(topic, message);
            return Optional.empty();
        }
        return Optional.of(hub.publish(topic, message));
    }

    Publication publication() {
        return Publication.of(topic, message);
    }
}
