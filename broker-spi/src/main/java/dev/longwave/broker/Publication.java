package dev.longwave.broker;

/** A message and the topic to publish it to. Immutable. */
public final class Publication {

    private final String topic;
    private final Message message;

    private Publication(String topic, Message message) {
        this.topic = topic;
        this.message = message;
    }

    /** {@return a publication of {@code message} to {@code topic}, which is never a pattern} */
    public static Publication of(String topic, Message message) {
        return new Publication(topic, message);
    }

    /** {@return the topic} */
    public String topic() {
        return topic;
    }

    /** {@return the message} */
    public Message message() {
        return message;
    }

    @Override
    public String toString() {
        return "Publication[topic=" + topic + ", message=" + message + "]";
    }
}
