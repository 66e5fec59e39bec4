package dev.longwave.server.sse;

import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Query;
import java.util.Optional;

/** How a client of an event stream learns the stream's ID where no event carries it. */
enum Heartbeats {
    /*
     * By the grammar, a block that has an ID and no data moves the client's ID, and dispatches nothing. Several client
     * libraries dispatch it all the same, as an event without data. So such blocks are sent only where a client would
     * lose events without them; and clients can say that they want more of them, or none.
     */

    /** Heartbeats are comments; the ID has a block of its own only where the client lacks it. */
    COMMENTS,

    /**
     * Heartbeats are comments; an ID goes without the blank line that would end a block, and
     * nothing comes after the last event.
     */
    COMMENTS_ONLY,

    /** The opening and each heartbeat are a block with the ID. */
    IDS;

    static final String PARAMETER = "heartbeat";

    /**
     * {@return what the client asks for}
     *
     * @throws dev.longwave.server.http.ProblemException if there is no such thing
     */
    static Heartbeats of(Query query) {
        Optional<String> value = query.value(PARAMETER);
        if (value.isEmpty()) {
            return COMMENTS;
        }
        return switch (value.get()) {
            case "comment" -> COMMENTS_ONLY;
            case "id" -> IDS;
            default ->
                    throw Problem.malformedParameter(
                                    PARAMETER, PARAMETER + " must be comment or id")
                            .exception();
        };
    }
}
