package dev.longwave.server.auth;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a request is for, as far as tickets are concerned. */
public enum Purpose {
    /** To read an event stream. */
    EVENTS,
    /** To open a WebSocket. */
    WEBSOCKET,
    /** Anything that a ticket is not good for. */
    OTHER;

    /** {@return the word for it in tickets' requests} */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@return the purpose of a ticket with this word} */
    static Optional<Purpose> ofTicket(String word) {
        return Arrays.stream(values())
                .filter(purpose -> purpose != OTHER && purpose.word().equals(word))
                .findAny();
    }
}
