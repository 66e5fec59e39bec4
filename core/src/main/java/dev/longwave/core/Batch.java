package dev.longwave.core;

/**
 * What one write to a client carries: the events that were waiting for it, in the transport's
 * format. For one thread at a time.
 */
public interface Batch {

    /**
     * Adds an event.
     *
     * @param event the event
     * @param cursors where the stream stands in its topics, this event included
     */
    void add(Event event, Cursors cursors);

    /**
     * Adds what tells the client that the connection is alive.
     *
     * @param cursors where the stream stands in its topics
     */
    void addHeartbeat(Cursors cursors);

    /**
     * Adds what was {@linkplain Outbox#send sent} beside the events.
     *
     * @param bytes complete in the transport's format; not to be changed
     */
    default void addBytes(byte[] bytes) {
        throw new UnsupportedOperationException("this transport sends nothing but events");
    }

    /** {@return whether there is nothing to write} */
    boolean isEmpty();

    /** {@return whether what is in it should be written before more is added} */
    boolean isFull();

    /** Makes it empty, and holds on to nothing: most connections are idle most of the time. */
    void clear();
}
