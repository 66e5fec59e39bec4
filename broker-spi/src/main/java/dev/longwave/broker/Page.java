package dev.longwave.broker;

import java.util.List;

/** A part of a topic's log, oldest entry first. Immutable. */
public final class Page {

    private final List<Entry> entries;
    private final Coverage coverage;
    private final Position from;
    private final boolean more;

    private Page(List<Entry> entries, Coverage coverage, Position from, boolean more) {
        this.entries = List.copyOf(entries);
        this.coverage = coverage;
        this.from = from;
        this.more = more;
    }

    /**
     * {@return a page}
     *
     * @param entries see {@link #entries()}
     * @param coverage see {@link #coverage()}
     * @param from see {@link #from()}
     * @param more see {@link #more()}
     */
    public static Page of(List<Entry> entries, Coverage coverage, Position from, boolean more) {
        return new Page(entries, coverage, from, more);
    }

    /** {@return the entries, possibly none} */
    public List<Entry> entries() {
        return entries;
    }

    /** {@return whether anything is missing before the first entry} */
    public Coverage coverage() {
        return coverage;
    }

    /**
     * {@return the position after which {@link #entries()} have no hole} With {@link
     * Coverage#COMPLETE} and {@link Start.After} it is the position asked for. With {@link
     * Coverage#AHEAD_OF_LOG} it is the log's tail, as nothing follows it. Otherwise it is the one
     * before the oldest entry that could be read, or the log's tail if there is none, but never
     * beyond the bound asked for. A cursor that is moved here has complete coverage.
     */
    public Position from() {
        return from;
    }

    /**
     * {@return whether the log has further entries between the last one here and the bound asked
     * for}
     */
    public boolean more() {
        return more;
    }

    /** {@return the position to read on from: that of the last entry, or {@link #from()}} */
    public Position end() {
        return entries.isEmpty() ? from : entries.getLast().position();
    }

    @Override
    public String toString() {
        return "Page[entries=%d, coverage=%s, from=%s, more=%s]"
                .formatted(entries.size(), coverage, from, more);
    }
}
