package dev.longwave.broker.nats;

import dev.longwave.broker.Position;
import io.nats.client.impl.Headers;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a message is given when it is put in order.
 *
 * @param reign in which that was
 * @param sequence among the messages of all topics in that reign, from 1
 * @param previous the sequence of the message before it in its topic; 0 if there was none, negative
 *     if that was forgotten
 * @param millis when, since the epoch of Unix
 */
record Stamp(Reign reign, long sequence, long previous, long millis) {

    private static final String REIGN = "Longwave-Reign";
    private static final String SEQUENCE = "Longwave-Sequence";
    private static final String PREVIOUS = "Longwave-Previous";
    private static final String TIME = "Longwave-Time";

    /** Adds this to {@code headers}, in place of what anybody else may have put there. */
    void putInto(Headers headers) {
        headers.put(REIGN, reign.toString());
        headers.put(SEQUENCE, Long.toString(sequence));
        headers.put(PREVIOUS, Long.toString(previous));
        headers.put(TIME, Long.toString(millis));
    }

    /** {@return the stamp in these headers, if they have one} */
    static Optional<Stamp> of(@Nullable Headers headers) {
        if (headers == null) {
            return Optional.empty();
        }
        try {
            long sequence = number(headers, SEQUENCE);
            long previous = number(headers, PREVIOUS);
            long millis = number(headers, TIME);
            return sequence < 1 || previous >= sequence
                    ? Optional.empty()
                    : Reign.parse(headers.getFirst(REIGN))
                            .map(reign -> new Stamp(reign, sequence, previous, millis));
        } catch (NumberFormatException _) {
            return Optional.empty(); // not one of Longwave's
        }
    }

    private static long number(Headers headers, String name) {
        String text = headers.getFirst(name);
        return Long.parseLong(text == null ? "" : text);
    }

    Position position() {
        return new Position(reign.epoch(), sequence);
    }

    /** {@return the position of the message before it, null if that was forgotten} */
    @Nullable Position previousPosition() {
        return previous < 0 ? null : new Position(reign.epoch(), previous);
    }

    Instant time() {
        return Instant.ofEpochMilli(millis);
    }
}
