package dev.longwave.server.hooks;

import dev.longwave.server.http.Problem;

/** The catalogue of problems with hooks. */
final class Refusals {

    private Refusals() {}

    /**
     * An event that the application does not want.
     *
     * @param reason its words; empty for none
     */
    static Problem refused(String reason) {
        return new Problem(
                "refused-by-hook",
                403,
                "The application refuses the event",
                reason.isBlank() ? "no reason given" : Problem.shortened(reason));
    }

    /** The application does not say what it thinks of an event. */
    static Problem unavailable() {
        return new Problem(
                "hook-unavailable",
                503,
                "The application did not answer",
                "the event was not published, as the application that must accept it did not"
                        + " answer; try again");
    }
}
