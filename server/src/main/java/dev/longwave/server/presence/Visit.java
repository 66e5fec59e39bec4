package dev.longwave.server.presence;

/**
 * A user in a topic, from when it joins to when it leaves. It may have several connections, one
 * after another or at once. Safe for many threads.
 */
public final class Visit {

    private final String topic;
    private final String user;
    private final Span span;

    Visit(String topic, String user, Span span) {
        this.topic = topic;
        this.user = user;
        this.span = span;
    }

    /** {@return the topic} */
    public String topic() {
        return topic;
    }

    /** {@return who it is; empty for a client that has not signed in} */
    public String user() {
        return user;
    }

    /**
     * {@return a name that this visit has on every node that saw its first connection} It may
     * change once, in the moment in which a user opens several connections to several nodes.
     */
    public String id() {
        return span.id();
    }

    @Override
    public String toString() {
        return "Visit[topic=" + topic + ", id=" + id() + "]";
    }
}
