package dev.longwave.broker.feed;

import dev.longwave.broker.Position;
import org.jspecify.annotations.Nullable;

/**
 * What the sinks of one topic, or of one pattern, have yet to be told of logs that were {@linkplain
 * dev.longwave.broker.Broker#delete erased}. Guarded by the lock of its {@link Sequencer}.
 */
final class Erasures {

    private @Nullable Position known; // up to where the log was erased, told or not
    private @Nullable Position whole;
    private @Nullable Position part;

    /**
     * What is to be told.
     *
     * @param whole up to where the log was erased; null if not
     * @param part up to where one topic of a pattern was erased; null if not
     */
    record Untold(@Nullable Position whole, @Nullable Position part) {}

    /** The sinks begin after what was erased up to here. */
    void begin(@Nullable Position upTo) {
        known = upTo;
    }

    /** Takes word that the log was erased. {@return whether it is news} */
    boolean raise(Position upTo) {
        if (known != null && upTo.sameEpoch(known) && !upTo.isAfter(known)) {
            return false;
        }
        known = upTo;
        whole = upTo;
        return true;
    }

    /** Takes word that one topic of the pattern was erased. */
    void raiseInPart(Position upTo) {
        part = upTo;
    }

    boolean isEmpty() {
        return whole == null && part == null;
    }

    /** {@return what is to be told, which the caller now tells} */
    Untold take() {
        var untold = new Untold(whole, part);
        whole = null;
        part = null;
        return untold;
    }
}
