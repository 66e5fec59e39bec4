package dev.longwave.core;

import dev.longwave.broker.Position;
import java.util.ArrayList;
import java.util.List;

/**
 * A topic or pattern that is being read, and is not part of a stream yet. For one thread, which
 * must call {@link #addTo} or {@link #close()} in the end.
 */
public final class Opening implements AutoCloseable {

    private final Subscription subscription;
    private boolean over;

    Opening(Subscription subscription) {
        this.subscription = subscription;
    }

    /**
     * Takes what the client has missed, up to a limit; the stream goes on with what follows. Blocks
     * while history is read.
     *
     * @param maxEvents 0 or more
     * @param maxBytes how many bytes of data are enough; the last event may exceed it
     * @return messages and gaps, oldest first
     * @throws dev.longwave.broker.BrokerException if history cannot be read
     */
    public List<Event> take(int maxEvents, int maxBytes) {
        var events = new ArrayList<Event>();
        int bytes = 0;
        while (events.size() < maxEvents && bytes < maxBytes) {
            Event event = subscription.poll(true);
            if (event == null) {
                break;
            }
            events.add(event);
            bytes += event.size();
        }
        return events;
    }

    /** {@return how far it was taken} Where the topic's log stands, if that is not known. */
    public Position position() {
        Position cursor = subscription.cursor();
        return cursor != null ? cursor : subscription.topic().log().tail().position();
    }

    /** {@return whether the topic has ended, and what came before was taken} */
    public boolean ended() {
        return subscription.ended();
    }

    /**
     * Adds it to {@code outbox}; what it has not given out follows there.
     *
     * @return whether it was added; false if the stream was released meanwhile
     */
    public boolean addTo(Outbox<?> outbox) {
        if (over) {
            throw new IllegalStateException("it was added or closed before");
        }
        over = true;
        if (outbox.add(subscription)) {
            return true;
        }
        subscription.topic().release();
        return false;
    }

    /** Gives it up, unless it was added to a stream. */
    @Override
    public void close() {
        if (!over) {
            over = true;
            subscription.topic().release();
        }
    }
}
