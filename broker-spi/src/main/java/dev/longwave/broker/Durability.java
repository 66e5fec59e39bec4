package dev.longwave.broker;

import java.util.Locale;

/** What an accepted event survives, from least to most. */
public enum Durability {
    /** Nothing: who is not listening now will not see it. */
    NONE,
    /** In one server's memory: it survives reconnections, not that server's end. */
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
