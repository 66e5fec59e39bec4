package dev.longwave.load;

/** A way to get events to the server. Never waits. */
interface Publishing {
    /** {@return whether an event for {@code topic} can be sent now} */
    boolean isReady(Topic topic);

    /** Sends an event, if {@link #isReady}. */
    void publish(Topic topic, long sequence, long dueAt);
}
