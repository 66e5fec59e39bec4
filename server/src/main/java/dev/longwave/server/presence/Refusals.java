package dev.longwave.server.presence;

import dev.longwave.server.http.Problem;

/** The catalogue of problems with presence. */
final class Refusals {

    private Refusals() {}

    static Problem noPresence() {
        return new Problem(
                "no-presence",
                501,
                "The broker keeps no presence",
                "presence is not available with this broker");
    }

    static Problem unavailable() {
        return new Problem(
                "presence-unavailable",
                503,
                "Nobody can say who is there now",
                "the members of the topic could not be read from the broker; try again");
    }

    static Problem tooManyMembers(int max) {
        return new Problem(
                        "presence-members",
                        503,
                        "There are too many members",
                        "too many members on this node limit=presence.max-members max=" + max)
                .with("max", max);
    }

    static Problem userTooLong(int max) {
        return new Problem(
                        "presence-user-too-long",
                        400,
                        "The name of the user is too long",
                        "the name of the user is too long max=" + max)
                .with("max", max);
    }

    static Problem infoTooLarge(int maxBytes) {
        return new Problem(
                        "presence-info-too-large",
                        413,
                        "What others are to be told of the client is too large",
                        "presence info too large maxBytes=" + maxBytes)
                .with("maxBytes", maxBytes);
    }

    static Problem infoMalformed() {
        return new Problem(
                "presence-info-malformed",
                400,
                "What others are to be told of the client is not valid",
                "presence info must be one JSON value");
    }
}
