package dev.longwave.broker;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way to those who are subscribed now, and to nobody later: see {@link
 * Broker#broadcast}. It has no position, no ID, and no place in any log. Immutable.
 */
public final class EphemeralMessage {

    private final Message message;
    private final @Nullable String topic;

    private EphemeralMessage(Message message, @Nullable String topic) {
        this.message = message;
        this.topic = topic;
    }

    /**
     * {@return an ephemeral message for subscribers who named its topic; see {@link #in} for the
     * others}
     *
     * @param message what was published; its ID is left out
     * @throws IllegalArgumentException if it is the {@linkplain Message#end() last event} of its
     *     topic, as a subscriber may never see it
     */
    public static EphemeralMessage of(Message message) {
        if (message.end()) {
            throw new IllegalArgumentException("an ephemeral message cannot end its topic");
        }
        return new EphemeralMessage(message.withoutId(), null);
    }

    /**
     * {@return this message for subscribers of a pattern}
     *
     * @param ofTopic the topic that it was published to
     * @throws IllegalArgumentException if the topic has a control character
     */
    public EphemeralMessage in(String ofTopic) {
        Entry.check(ofTopic);
        return new EphemeralMessage(message, ofTopic);
    }

    /** {@return what was published, without an ID} */
    public Message message() {
        return message;
    }

    /**
     * {@return the topic that it was published to, for subscribers of a pattern; null for
     * subscribers who named the topic}
     */
    public @Nullable String topic() {
        return topic;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EphemeralMessage that
                && message.equals(that.message)
                && Objects.equals(topic, that.topic);
    }

    @Override
    public int hashCode() {
        return Objects.hash(message, topic);
    }

    @Override
    public String toString() {
        return "EphemeralMessage[message=%s, topic=%s]".formatted(message, topic);
    }
}
