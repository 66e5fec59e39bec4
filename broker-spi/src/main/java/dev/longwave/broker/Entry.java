package dev.longwave.broker;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A message in the log of its topic. Immutable. */
public final class Entry {

    private static final Message NOTHING = Message.of(new byte[0]);

    private final Position position;
    private final Instant time;
    private final Message message;
    private final @Nullable String topic;
    private final boolean skipped;

    private Entry(
            Position position,
            Instant time,
            Message message,
            @Nullable String topic,
            boolean skipped) {
        this.position = position;
        this.time = time;
        this.message = message;
        this.topic = topic;
        this.skipped = skipped;
    }

    /** {@return an entry for readers who named its topic; see {@link #in} for the others} */
    public static Entry of(Position position, Instant time, Message message) {
        return new Entry(position, time, message, null, false);
    }

    /**
     * {@return what stands in a log for an entry that is not handed out, as it breaks a rule: see
     * {@link dev.longwave.broker.feed.ForeignEntries}} Readers move over it; it is in no page of
     * {@link Broker#history}.
     */
    public static Entry skipped(Position position, Instant time) {
        return new Entry(position, time, NOTHING, null, true);
    }

    /**
     * {@return this entry for readers of a pattern}
     *
     * @param ofTopic the topic that it was published to
     * @throws IllegalArgumentException if the topic has a control character
     */
    public Entry in(String ofTopic) {
        check(ofTopic);
        return new Entry(position, time, message, ofTopic, skipped);
    }

    /** {@return whether it is only moved over} */
    public boolean isSkipped() {
        return skipped;
    }

    /** {@return where it stands} */
    public Position position() {
        return position;
    }

    /** {@return when the broker accepted it, by the broker's clock, to the millisecond} */
    public Instant time() {
        return time;
    }

    /** {@return what was published} */
    public Message message() {
        return message;
    }

    /**
     * {@return the topic that it was published to, for readers of a pattern; null for readers who
     * named the topic}
     */
    public @Nullable String topic() {
        return topic;
    }

    /** A line break would end the field in an event stream, and let a publisher begin another. */
    static void check(String topic) {
        for (int i = 0; i < topic.length(); i++) {
            if (Character.isISOControl(topic.charAt(i))) {
                throw new IllegalArgumentException(
                        "topic has a control character length=" + topic.length());
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Entry that
                && position.equals(that.position)
                && time.equals(that.time)
                && message.equals(that.message)
                && skipped == that.skipped
                && Objects.equals(topic, that.topic);
    }

    @Override
    public int hashCode() {
        return Objects.hash(position, time, message, topic);
    }

    @Override
    public String toString() {
        return "Entry[position=%s, time=%s, message=%s, topic=%s]"
                .formatted(position, time, message, topic);
    }
}
