package dev.longwave.broker.nats;

import dev.longwave.broker.Position;
import io.nats.client.impl.Headers;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The headers that the sequencer adds to a message.
 *
 * @param term the sequencer's term
 * @param sequence the message's place among the messages of all topics in that term, from 1
 * @param previous the sequence of the message before it in its topic; 0 if there was none, negative
 *     if the sequencer has forgotten it
 * @param millis the time at which the sequencer received the message, in milliseconds since the
 *     Unix epoch
 */
record SequenceHeader(Term term, long sequence, long previous, long millis) {

    private static final String TERM = "Longwave-Term";
    private static final String SEQUENCE = "Longwave-Sequence";
    private static final String PREVIOUS = "Longwave-Previous";
    private static final String TIME = "Longwave-Time";

    /** Sets these headers, replacing any that a publisher has set. */
    void putInto(Headers headers) {
        headers.put(TERM, term.toString());
        headers.put(SEQUENCE, Long.toString(sequence));
        headers.put(PREVIOUS, Long.toString(previous));
        headers.put(TIME, Long.toString(millis));
    }

    /** {@return what a sequencer has added to {@code headers}, or nothing if they are not its} */
    static Optional<SequenceHeader> of(@Nullable Headers headers) {
        if (headers == null) {
            return Optional.empty();
        }
        try {
            long sequence = number(headers, SEQUENCE);
            long previous = number(headers, PREVIOUS);
            long millis = number(headers, TIME);
            return sequence < 1 || previous >= sequence
                    ? Optional.empty()
                    : Term.parse(headers.getFirst(TERM))
                            .map(term -> new SequenceHeader(term, sequence, previous, millis));
        } catch (NumberFormatException _) {
            return Optional.empty(); // published by another application
        }
    }

    private static long number(Headers headers, String name) {
        String text = headers.getFirst(name);
        return Long.parseLong(text == null ? "" : text);
    }

    Position position() {
        return new Position(term.epoch(), sequence);
    }

    /** {@return the position of the message before it in its topic; null if it is forgotten} */
    @Nullable Position previousPosition() {
        return previous < 0 ? null : new Position(term.epoch(), previous);
    }

    Instant time() {
        return Instant.ofEpochMilli(millis);
    }
}
