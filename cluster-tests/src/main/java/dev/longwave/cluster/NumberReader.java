package dev.longwave.cluster;

import dev.longwave.testing.EventSourceClient;
import dev.longwave.testing.PublishClient;
import dev.longwave.testing.ReceivedEvent;
import dev.longwave.testing.Transport;
import java.net.URI;

/** A client of one topic whose events are the numbers from 1 on, in their order. */
final class NumberReader implements AutoCloseable {

    private final EventSourceClient source;
    private long last; // guarded by this, as is the next
    private String fault = "";

    /**
     * Begins to read the topic from its beginning.
     *
     * @param transport chooses a node for each connection
     */
    NumberReader(String topic, Transport transport) {
        source =
                EventSourceClient.to(
                                URI.create(
                                        "http://127.0.0.1/events/"
                                                + PublishClient.encoded(topic)
                                                + "?since=earliest"))
                        .over(transport)
                        .onEvent(this::received)
                        .open();
    }

    private synchronized void received(ReceivedEvent event) {
        String expected = Long.toString(last + 1);
        if (fault.isEmpty() && !event.data().equals(expected)) {
            fault = "expected " + expected + ", but got " + event;
        }
        last++;
    }

    /** {@return how many events it has got} */
    synchronized long last() {
        return last;
    }

    /** {@return the first event that was not the next one; empty if there is none} */
    synchronized String fault() {
        return fault;
    }

    boolean isOpen() {
        return source.state() == EventSourceClient.State.OPEN;
    }

    @Override
    public void close() {
        source.close();
    }
}
