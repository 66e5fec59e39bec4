package dev.longwave.broker;

/**
 * Whether a page begins where its reader left off. Anything but COMPLETE is a hole. Later versions
 * may add constants.
 */
public enum Coverage {
    /** Nothing is missing between the start that was asked for and the page's first entry. */
    COMPLETE,
    /** Entries after the requested position have expired or were evicted. */
    TRIMMED,
    /** The requested position is of another epoch: the log was lost or replaced since. */
    OTHER_EPOCH,
    /** The requested position is beyond the log's tail: the log lost its newest entries. */
    AHEAD_OF_LOG
}
