package dev.longwave.server.presence;

/** The membership of a connection in a topic, until it is closed. Safe for many threads. */
public interface Membership extends AutoCloseable {

    /**
     * Ends it. Its user has left the topic unless it has, or gets within {@code presence.grace},
     * another connection there: it does not matter whether the connection broke or was closed. Does
     * not block, and does nothing the second time.
     */
    @Override
    void close();
}
