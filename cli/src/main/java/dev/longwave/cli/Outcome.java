package dev.longwave.cli;

import java.time.Duration;
import java.util.Map;

/** What became of a request, by what can be done about it. */
sealed interface Outcome {

    /** The server did what was asked, and answered with these members. */
    record Accepted(Map<String, String> members) implements Outcome {}

    /** The server said no, for good. */
    record Refused(Problem problem) implements Outcome {}

    /**
     * There was no usable answer: the request may have been served or not, and is worth another
     * try.
     *
     * @param reason what went wrong
     * @param retryAfter how long the server asked to wait at least, zero if it did not
     */
    record Failed(String reason, Duration retryAfter) implements Outcome {}
}
