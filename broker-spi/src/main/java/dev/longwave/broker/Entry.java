package dev.longwave.broker;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message in the log of its topic.
 *
 * @param position where it stands
 * @param time when the broker accepted it, by the broker's clock, to the millisecond
 * @param message what was published
 * @param topic the topic it was published to, if it was asked for by a pattern; null if the topic
 *     was named. Without control characters
 */
public record Entry(Position position, Instant time, Message message, @Nullable String topic) {

    public Entry {
        // A line break would end the field in an event stream, and begin one of somebody's choice.
        if (topic != null && topic.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "topic has a control character length=" + topic.length());
        }
    }

    /** An entry of a topic that was named. */
    public Entry(Position position, Instant time, Message message) {
        this(position, time, message, null);
    }

    /** {@return this entry for those who asked by a pattern} */
    public Entry in(String ofTopic) {
        return new Entry(position, time, message, ofTopic);
    }
}
