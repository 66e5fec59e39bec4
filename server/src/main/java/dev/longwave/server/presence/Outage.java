package dev.longwave.server.presence;

/**
 * Whether leases that are not there have ended. A broker that was away may have lost them, and they
 * are there again once all nodes have renewed theirs. Safe for many threads.
 */
final class Outage {

    private final long settleNanos;
    private boolean away; // guarded by this, as below
    private boolean settling;
    private long backNanos;

    /**
     * @param settleNanos in what time all nodes renew their leases
     */
    Outage(long settleNanos) {
        this.settleNanos = settleNanos;
    }

    /** {@return whether the broker has answered before} */
    synchronized boolean failed() {
        boolean first = !away;
        away = true;
        return first;
    }

    /** {@return whether what the broker has answered is complete} */
    synchronized boolean answered(long nowNanos) {
        if (away) {
            away = false;
            settling = true;
            backNanos = nowNanos;
        }
        if (settling && nowNanos - backNanos >= settleNanos) {
            settling = false;
        }
        return !settling;
    }
}
