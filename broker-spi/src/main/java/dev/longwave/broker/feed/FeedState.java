package dev.longwave.broker.feed;

import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The broker's state, told at each change. Safe for many threads. */
final class FeedState {
    /*
     * Everything is guarded by this object's monitor. The consumer is called under it as well, so that
     * two changes cannot swap; by its contract it does not block, and nothing here takes another lock.
     *
     * After an outage, or when all topics are suspect, the state is not CONNECTED again until all
     * tails were checked (`checkDue`) and then all holes filled (`resyncing`). A check that began
     * before the last outage proves nothing: `outages` tells.
     *
     * Each state is told once, with the reason known first: what fails later in the same outage is
     * mostly a consequence. DEGRADED is told again when another reason is added or one is gone.
     */
    private static final String CHECKING =
            "messages may have been lost: all topics are compared with the log";

    private final Consumer<BrokerStatus> onStatus;
    private @Nullable BrokerState told; // null before the start
    private String unreachableReason = "";
    private String resyncReason = CHECKING;
    private String failedReason = "";
    private boolean reachable = true;
    private boolean checkDue;
    private boolean resyncing;
    private final Map<String, String> complaints = new LinkedHashMap<>();
    private String toldComplaint = "";
    private boolean failed;
    private boolean closed;
    private int filling;
    private volatile long outages; // written under the lock

    FeedState(Consumer<BrokerStatus> onStatus) {
        this.onStatus = onStatus;
    }

    synchronized void begin() {
        told = BrokerState.CONNECTED;
        onStatus.accept(BrokerStatus.connected());
        tell();
    }

    /** {@return what to hand to {@link #answered} when the check that begins now succeeds} */
    long outages() {
        return outages;
    }

    /** All tails were checked. */
    synchronized void answered(long asOf) {
        if (asOf == outages) {
            reachable = true;
            checkDue = false;
            tell();
        }
    }

    synchronized void unreachable(String reason) {
        reachable = false;
        unreachableReason = reason;
        suspectAll();
    }

    synchronized void suspectAll() {
        outages = outages + 1;
        checkDue = true;
        resync(CHECKING);
        tell();
    }

    /** A topic begins to read from the log. */
    synchronized void fillBegins() {
        filling++;
    }

    /** The log could not be read. */
    synchronized void fillFailed(String reason) {
        resync(reason);
        tell();
    }

    /** A topic has read what was missing. */
    synchronized void fillEnds() {
        filling--;
        tell();
    }

    synchronized void failed(String reason) {
        failed = true;
        failedReason = reason;
        tell();
    }

    /** Something about {@code what} needs an operator. */
    synchronized void degraded(String what, String reason) {
        complaints.put(what, reason);
        tell();
    }

    /** It is in order again. */
    synchronized void recovered(String what) {
        complaints.remove(what);
        tell();
    }

    /** Nothing is told any more. */
    synchronized void close() {
        closed = true;
    }

    private void resync(String reason) {
        if (!resyncing) {
            resyncing = true;
            resyncReason = reason;
        }
    }

    private void tell() {
        if (!checkDue && filling == 0) {
            resyncing = false;
        }
        BrokerStatus now = now();
        String complaint = now.state() == BrokerState.DEGRADED ? now.reason() : "";
        boolean same = told == now.state() && complaint.equals(toldComplaint);
        if (told == null || same || closed) {
            return;
        }
        told = now.state();
        toldComplaint = complaint;
        onStatus.accept(now);
    }

    private BrokerStatus now() {
        if (failed) {
            return BrokerStatus.failed(failedReason);
        }
        if (!reachable) {
            return BrokerStatus.disconnected(unreachableReason);
        }
        if (!complaints.isEmpty()) {
            return BrokerStatus.degraded(String.join("; ", complaints.values()));
        }
        return resyncing ? BrokerStatus.resyncing(resyncReason) : BrokerStatus.connected();
    }
}
