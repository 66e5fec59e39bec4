package dev.longwave.server.presence;

import org.jspecify.annotations.Nullable;

/**
 * The time that someone is in a topic without interruption. Nodes agree on its name without asking
 * each other: it is that of its oldest lease. Changed by one thread, read by any.
 */
final class Span {
    /*
     * Two connections of a user may begin at the same moment on two nodes, and each node then sees its own first. The
     * name changes on one of them as soon as it sees the other lease. So code that compares names waits a moment before.
     */
    private volatile @Nullable Lease oldest;

    /** Takes note of a lease that is part of it. */
    void add(Lease lease) {
        Lease known = oldest;
        if (known == null || lease.isOlderThan(known)) {
            oldest = lease;
        }
    }

    /** {@return its name, which is unique in the topic} */
    String id() {
        Lease lease = oldest;
        return lease == null ? "" : lease.entered() + "." + lease.member().connection();
    }
}
