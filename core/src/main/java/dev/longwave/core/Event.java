package dev.longwave.core;

import dev.longwave.broker.Position;
import org.jspecify.annotations.Nullable;

/**
 * What a subscriber is told: a message, or that messages are missing. Immutable.
 *
 * @param sequence its place in the {@link TopicLog} that holds it; {@link #UNLOGGED} outside of one
 * @param position the cursor of whoever has received it
 * @param frame its encoded form; null for the origin of a log without entries, which nobody
 *     receives
 * @param key of the events that have the same one only the newest matters, where only the newest
 *     matters at all; see {@link Conflation#key}
 * @param gap whether it tells of missing messages
 * @param back whether it is a gap that sends its readers back: the log has lost what they got last
 * @param end whether it is the last message of its topic; of a pattern none is
 */
record Event(
        long sequence,
        Position position,
        @Nullable Frame frame,
        @Nullable String key,
        boolean gap,
        boolean back,
        boolean end) {

    static final long UNLOGGED = -1;

    /** What it counts against the bytes of a log. */
    int size() {
        return frame == null ? 0 : frame.bytes.length;
    }

    Event at(long newSequence) {
        return new Event(newSequence, position, frame, key, gap, back, end);
    }
}
