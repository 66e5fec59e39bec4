package dev.longwave.server.presence;

/**
 * Is notified of joins and leaves. One call at a time, in order; must not block, as all others wait
 * for it. What it throws is logged, and nothing else.
 */
public interface RoomListener {

    /**
     * A user has joined the topic: with its first connection, and not again until it has left.
     *
     * @param member the connection
     */
    void joined(Visit visit, Member member);

    /**
     * A user has left the topic: its last connection is gone for as long as {@code presence.grace}.
     *
     * @param member the connection
     */
    void left(Visit visit, Member member);

    /** There is someone in the topic, where nobody was. Told before the user has joined. */
    default void occupied(Occupancy occupancy) {}

    /** Nobody is left in the topic. Told after the user has left. */
    default void vacated(Occupancy occupancy) {}
}
