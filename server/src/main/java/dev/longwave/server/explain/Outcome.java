package dev.longwave.server.explain;

import java.util.Locale;

/** What became of an event for a client, from the best to the worst. */
enum Outcome {
    /** It was written to the client's connection, as far as the server can tell. */
    DELIVERED,
    /** The client was told that it is missing. */
    GAP,
    /** The client has not come to it. */
    NOT_YET,
    /** The stream ended before it came to it. */
    CLOSED_BEFORE,
    /** The client left the topic before it came to it. */
    LEFT_BEFORE,
    /** It was published before what the client asked for. */
    BEFORE_START,
    /** What would say so was forgotten, or never known. */
    UNKNOWN,
    /** The client reads other topics. */
    NOT_SUBSCRIBED,
    /** The client was refused the topic. */
    FORBIDDEN,
    /** This node knows no stream of the client. */
    CLIENT_UNKNOWN,
    /** There is no such event. */
    EVENT_UNKNOWN;

    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
