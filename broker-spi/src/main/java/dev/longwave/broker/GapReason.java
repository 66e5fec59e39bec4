package dev.longwave.broker;

import java.util.Locale;

/** Why a subscriber is told that events are missing. Later versions may add constants. */
public enum GapReason {
    /** They were in the log, and have expired or were evicted. */
    EXPIRED,
    /** The log lost them: a server failed before they were safe. */
    LOG_LOST,
    /** The log was replaced by another one, so that old positions mean nothing. */
    EPOCH_CHANGED,
    /** The broker keeps no log to read them from. */
    NO_HISTORY,
    /** They were deleted on request. */
    DELETED,
    /** The topic's lag policy skipped them for a reader that was too slow. */
    SKIPPED;

    /** {@return the word for it on the wire: lower case, with dashes} */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * {@return the reason for a hole that {@code coverage} tells of}
     *
     * @throws IllegalArgumentException if it tells of none
     */
    public static GapReason of(Coverage coverage) {
        return switch (coverage) {
            case COMPLETE -> throw new IllegalArgumentException("complete coverage is no gap");
            case TRIMMED -> EXPIRED;
            case OTHER_EPOCH -> EPOCH_CHANGED;
            case AHEAD_OF_LOG -> LOG_LOST;
            case DELETED -> DELETED;
        };
    }
}
