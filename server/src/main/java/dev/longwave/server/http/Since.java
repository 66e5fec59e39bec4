package dev.longwave.server.http;

import dev.longwave.broker.Durations;
import dev.longwave.broker.Start;
import dev.longwave.core.EventId;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where to begin, in a client's words. */
public final class Since {
    /*
     * The forms cannot be confused: an event ID has a dot, a duration has none, and a timestamp begins with a date.
     */

    /** Ends the cursor in an event ID, and begins the proof that belongs to a ticket. */
    public static final char PROOF = '~';

    private static final Duration LONGEST = Duration.ofDays(3650);

    /** Clocks differ, but not that much. */
    private static final Duration FURTHEST_AHEAD = Duration.ofDays(1);

    private static final Pattern DURATION = Pattern.compile("[-+]?P.*|[0-9]+[a-z][0-9a-z]*");
    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}.*");

    /** The offset of a timestamp whose plus was not escaped, and so became a space. */
    private static final Pattern LOST_PLUS = Pattern.compile(" ([0-9]{2}:[0-9]{2})$");

    private Since() {}

    /** {@return an event ID without the proof, if it has one} */
    public static String withoutProof(String id) {
        int proof = id.indexOf(PROOF);
        return proof < 0 ? id : id.substring(0, proof);
    }

    /**
     * {@return the start that {@code text} names: {@code earliest}, {@code last}, a duration before
     * now, or a timestamp (RFC 3339). Empty if it is none of them, and so must be an event ID}
     *
     * @throws ProblemException if it is a duration or a timestamp that makes no sense
     */
    public static Optional<Start> start(String text, InstantSource clock) {
        return switch (text) {
            case "earliest" -> Optional.of(Start.earliest());
            case "last" -> Optional.of(Start.last(1));
            default -> instant(text, clock.instant()).map(Start::since);
        };
    }

    private static Optional<Instant> instant(String text, Instant now) {
        if (DURATION.matcher(text).matches()) {
            return Optional.of(now.minus(duration(text)));
        }
        return DATE.matcher(text).matches() ? Optional.of(timestamp(text, now)) : Optional.empty();
    }

    /**
     * {@return the event ID that {@code text} stands for}
     *
     * @throws ProblemException if it is malformed
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

    /**
     * {@return the event ID that {@code text}, a value of {@code since}, stands for}
     *
     * @throws ProblemException if it is none; it says what else is possible
     */
    public static EventId startAfter(String text, int maxTopics) {
        try {
            return EventId.parse(withoutProof(text), maxTopics);
        } catch (IllegalArgumentException _) {
            throw malformed();
        }
    }

    private static Duration duration(String text) {
        try {
            Duration duration = Durations.parse(text);
            if (!duration.isNegative() && duration.compareTo(LONGEST) <= 0) {
                return duration;
            }
        } catch (IllegalArgumentException _) {
            // Answered below.
        }
        throw malformed();
    }

    private static Instant timestamp(String text, Instant now) {
        try {
            Instant instant =
                    OffsetDateTime.parse(LOST_PLUS.matcher(text).replaceFirst("+$1")).toInstant();
            if (!instant.isBefore(now.minus(LONGEST))
                    && !instant.isAfter(now.plus(FURTHEST_AHEAD))) {
                return instant;
            }
        } catch (DateTimeException _) {
            // Answered below.
        }
        throw malformed();
    }

    private static ProblemException malformed() {
        return Problem.malformedSince(
                        "since must be earliest, last, an event ID, a duration such as 5m or PT5M"
                                + " up to 3650d, or an RFC 3339 timestamp such as"
                                + " 2026-01-31T12:00:00Z that is neither older than that nor in the"
                                + " future")
                .exception();
    }
}
