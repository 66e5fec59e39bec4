package dev.longwave.hostile;

import dev.longwave.testing.EventSourceClient;
import dev.longwave.testing.Protocol;
import dev.longwave.testing.ReceivedEvent;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A healthy client, which must get all numbers in order over one and the same stream. */
final class Subscriber implements AutoCloseable {

    private final Protocol protocol;
    private final Delays delays;
    private final EventSourceClient source;

    private long latest; // guarded by this
    private @Nullable String fault; // guarded by this: the first one

    Subscriber(URI uri, Protocol protocol, Duration interval) {
        this.protocol = protocol;
        this.delays = new Delays(interval);
        this.source = EventSourceClient.to(uri).over(protocol).onEvent(this::received).open();
    }

    void awaitOpen() {
        source.awaitOpen();
    }

    Delays delays() {
        return delays;
    }

    private synchronized void received(ReceivedEvent event) {
        long now = System.nanoTime();
        if (event.type().equals("message")) {
            var numbered = NumberedEvent.parse(event.data());
            delays.add(now - numbered.sentNanos());
            if (numbered.number() != latest + 1) {
                note("after " + latest + " came " + numbered.number());
            }
            latest = numbered.number();
        } else {
            note("after " + latest + " came " + event);
        }
    }

    private void note(String what) {
        if (fault == null) {
            fault = what;
        }
    }

    /** {@return the number of the latest event} */
    synchronized long latest() {
        return latest;
    }

    /** Fails unless it got every event up to {@code last} over its first stream. */
    synchronized void verify(long last) {
        if (fault != null || latest < last || source.opens() != 1) {
            throw new AssertionError(
                    "a healthy subscriber over %s has %d of %d events, streams=%d fault=%s: %s"
                            .formatted(
                                    protocol,
                                    latest,
                                    last,
                                    source.opens(),
                                    fault == null ? "none" : fault,
                                    source));
        }
    }

    @Override
    public void close() {
        source.close();
    }
}
