package dev.longwave.core;

import dev.longwave.broker.GapReason;
import dev.longwave.broker.Position;
import org.jspecify.annotations.Nullable;

/**
 * Tells a subscriber that events are missing.
 *
 * @param after the last position before the hole; null if unknown
 * @param before the position after which there is no further hole
 * @param reason why they are missing
 */
public record Gap(@Nullable Position after, Position before, GapReason reason) {

    /** Whether it sends its reader back: the log has lost what the reader received last. */
    boolean back() {
        return after != null && after.sameEpoch(before) && after.isAfter(before);
    }
}
