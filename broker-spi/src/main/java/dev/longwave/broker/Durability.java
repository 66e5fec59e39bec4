package dev.longwave.broker;

import java.util.Locale;

/** What an accepted event survives, from least to most. Later versions may add constants. */
public enum Durability {
    /** Nothing: only those who are subscribed now receive it. */
    NONE,
    /** In one server's memory: it survives reconnections, but not the end of that server. */
    MEMORY,
    /** Written to one server's log: it survives that process, and power failure once flushed. */
    STORED,
    /** Flushed to one server's disk: it survives power failure. */
    FLUSHED,
    /** Held by a majority of servers. */
    REPLICATED;

    /** {@return the word for it on the wire} */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
