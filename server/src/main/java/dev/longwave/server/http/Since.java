package dev.longwave.server.http;

import dev.longwave.broker.Start;
import dev.longwave.core.EventId;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** Where to begin, in a client's words. */
public final class Since {

    /** Ends the cursor in an event ID, and begins the proof that belongs to a ticket. */
    public static final char PROOF = '~';

    private Since() {}

    /** {@return an event ID without the proof, if it has one} */
    public static String withoutProof(String id) {
        int proof = id.indexOf(PROOF);
        return proof < 0 ? id : id.substring(0, proof);
    }

    /**
     * {@return the start that {@code text} names: {@code earliest}, {@code last}, or an ISO 8601
     * duration before now. Empty if it is none of them, and so must be an event id}
     *
     * @throws dev.longwave.server.problem.ProblemException if it is a duration that makes no sense
     */
    public static Optional<Start> start(String text, InstantSource clock) {
        return switch (text) {
            case "earliest" -> Optional.of(Start.earliest());
            case "last" -> Optional.of(Start.last(1));
            default ->
                    text.startsWith("P")
                            ? Optional.of(Start.since(clock.instant().minus(duration(text))))
                            : Optional.empty();
        };
    }

    /**
     * {@return the event id that {@code text} stands for}
     *
     * @throws dev.longwave.server.problem.ProblemException if it is malformed
     */
    public static EventId eventId(String text, int maxTopics) {
        try {
            return EventId.parse(withoutProof(text), maxTopics);
        } catch (IllegalArgumentException e) {
            throw Problem.malformedId(
                            e.getMessage() == null ? "event id is malformed" : e.getMessage())
                    .exception();
        }
    }

    private static Duration duration(String text) {
        try {
            Duration duration = Duration.parse(text);
            if (!duration.isNegative() && duration.compareTo(Duration.ofDays(3650)) <= 0) {
                return duration;
            }
        } catch (DateTimeException _) {
            // Answered below.
        }
        throw Problem.malformedSince(
                        "since must be earliest, last, an event ID, or an ISO 8601 duration up to"
                                + " P3650D")
                .exception();
    }
}
