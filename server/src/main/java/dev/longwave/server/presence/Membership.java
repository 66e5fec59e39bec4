package dev.longwave.server.presence;

/** That a connection is in a topic, until this is closed. Safe for many threads. */
public interface Membership extends AutoCloseable {

    /**
     * Ends it. Its user has left the topic unless it has, or gets within {@code presence.grace},
     * another connection there: this holds for a connection that breaks and for one that says good
     * bye. Does not block, and does nothing the second time.
     */
    @Override
    void close();
}
