package dev.longwave.broker;

import java.util.List;

/** A part of a topic's log, oldest entry first. Immutable. */
public final class Page {

    private final List<Entry> entries;
    private final Coverage coverage;
    private final Position from;
    private final boolean more;
    private final Position end;

    private Page(
            List<Entry> entries, Coverage coverage, Position from, boolean more, Position end) {
        this.entries = List.copyOf(entries);
        this.coverage = coverage;
        this.from = from;
        this.more = more;
        this.end = end;
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
        Position end = entries.isEmpty() ? from : entries.getLast().position();
        return new Page(entries, coverage, from, more, end);
    }

    /**
     * {@return the same page without its {@linkplain Entry#isSkipped() skipped} entries, for {@link
     * Broker#history}} Its end stays where it was, so that a reader moves over them.
     */
    public Page withoutSkipped() {
        if (entries.stream().noneMatch(Entry::isSkipped)) {
            return this;
        }
        List<Entry> left = entries.stream().filter(entry -> !entry.isSkipped()).toList();
        return new Page(left, coverage, from, more, end);
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
     * Coverage#AHEAD_OF_LOG} it is the one before the first entry that is later than the
     * {@linkplain Position#stamp stamp} of the position asked for, as whatever was put back from a
     * copy is older than that, or that stands at the place asked for or after it; the log's tail if
     * there is none. Otherwise it is the one before the oldest entry that could be read, or the
     * log's tail if there is none, but never beyond the bound asked for. A cursor that is moved
     * here has complete coverage.
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

    /**
     * {@return the position to read on from: that of the last entry that was read, or {@link
     * #from()}}
     */
    public Position end() {
        return end;
    }

    @Override
    public String toString() {
        return "Page[entries=%d, coverage=%s, from=%s, more=%s]"
                .formatted(entries.size(), coverage, from, more);
    }
}
