package dev.longwave.server.presence;

/** A time during which a topic has at least one member. Safe for many threads. */
public final class Occupancy {

    private final String topic;
    private final Span span;

    Occupancy(String topic, Span span) {
        this.topic = topic;
        this.span = span;
    }

    /** {@return the topic} */
    public String topic() {
        return topic;
    }

    /** {@return its name, the same on every node; see {@link Visit#id()}} */
    public String id() {
        return span.id();
    }

    @Override
    public String toString() {
        return "Occupancy[topic=" + topic + ", id=" + id() + "]";
    }
}
