package dev.longwave.core;

/**
 * What bytes a transport sends of an event: the one place that knows a wire format.
 *
 * <p>An event keeps what a format made of it, so a format is made once and shared by all
 * connections that speak it; events tell formats apart by identity.
 *
 * @param <F> what this format makes of an event
 */
public interface Format<F extends Frame> {

    /**
     * Encodes {@code event}: a message, a gap, or where a log begins.
     *
     * <p>Called at most once for each event, when the first connection needs it, by whichever
     * thread that is, with the event locked: it must only compute.
     */
    F encode(Event event);
}
