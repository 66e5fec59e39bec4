package dev.longwave.server.auth;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The latest revocations, numbered in the order in which this node learned of them. */
final class RecentRevocations {
    /*
     * Guarded by this. While a credential is being looked up, no stream of it is registered, so a revocation that
     * arrives meanwhile finds nothing to end. The look-up therefore notes the count first, and afterwards checks the
     * revocations that have been added since.
     */
    private static final int KEPT = 256;

    private final Deque<Revocation> latest = new ArrayDeque<>();
    private long count;

    synchronized void add(Revocation revocation) {
        count++;
        latest.addLast(revocation);
        if (latest.size() > KEPT) {
            latest.removeFirst();
        }
    }

    /** {@return how many there have been} */
    synchronized long count() {
        return count;
    }

    /**
     * {@return those after the first {@code before}; empty if not all of them are known any more}
     */
    synchronized Optional<List<Revocation>> since(long before) {
        long missed = count - before;
        if (missed == 0) {
            return Optional.of(List.of());
        }
        if (missed > latest.size()) {
            return Optional.empty();
        }
        return Optional.of(latest.stream().skip(latest.size() - missed).toList());
    }
}
