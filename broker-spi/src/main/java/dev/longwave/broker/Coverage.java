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
    /**
     * The log lost what stood at the requested position: it is beyond the log's tail, or another
     * entry stands there now. So the log is an earlier state of the one that the position came
     * from, with what was written since: it was put back from a copy, or a server failed.
     */
    AHEAD_OF_LOG,
    /** Entries after the requested position were deleted: {@link Broker#delete}. */
    DELETED
}
