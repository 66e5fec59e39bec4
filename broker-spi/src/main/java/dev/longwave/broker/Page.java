package dev.longwave.broker;

import java.util.List;

/**
 * A stretch of a topic's log, oldest first.
 *
 * @param entries the entries, possibly none
 * @param coverage whether anything is missing before the first entry
 * @param from the position after which {@code entries} have no hole. With {@link Coverage#COMPLETE}
 *     and {@link Start.After} it is the position asked for, and with {@link Coverage#AHEAD_OF_LOG}
 *     the log's tail, as nothing follows it. Otherwise it is the one before the oldest entry that
 *     could be read, or the log's tail if there is none, but never beyond the bound asked for. A
 *     cursor that is moved here has complete coverage
 * @param more whether the log has further entries between the last one here and the bound asked for
 */
public record Page(List<Entry> entries, Coverage coverage, Position from, boolean more) {
    public Page {
        entries = List.copyOf(entries);
    }

    /** {@return the position to read on from: that of the last entry, or {@link #from()}} */
    public Position end() {
        return entries.isEmpty() ? from : entries.getLast().position();
    }
}
