package dev.longwave.broker.feed;

import dev.longwave.broker.BrokerState;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How the broker is doing, told at each change. Safe for many threads. */
final class FeedState {
    /*
     * Everything is guarded by this object's monitor. The listener, too, is told under it, lest two
     * changes swap; it does not block, by its contract, and nothing here takes another lock.
     *
     * After an outage, or when all topics are suspect, the state is not CONNECTED again until all
     * tails were checked (`checkDue`) and then all holes filled (`resyncing`). A check that began
     * before the last outage proves nothing: `outages` tells.
     */
    private final Consumer<BrokerState> onState;
    private @Nullable BrokerState told; // null before the start
    private boolean reachable = true;
    private boolean checkDue;
    private boolean resyncing;
    private boolean failed;
    private boolean closed;
    private int filling;
    private long outages;

    FeedState(Consumer<BrokerState> onState) {
        this.onState = onState;
    }

    synchronized void begin() {
        told = BrokerState.CONNECTED;
        onState.accept(told);
        tell();
    }

    /** {@return what to hand to {@link #answered} when the check that begins now succeeds} */
    synchronized long outages() {
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

    synchronized void unreachable() {
        reachable = false;
        suspectAll();
    }

    synchronized void suspectAll() {
        outages++;
        checkDue = true;
        resyncing = true;
        tell();
    }

    /** A topic begins to read from the log. */
    synchronized void fillBegins() {
        filling++;
    }

    /** The log could not be read. */
    synchronized void fillFailed() {
        resyncing = true;
        tell();
    }

    /** A topic has read what it was after. */
    synchronized void fillEnds() {
        filling--;
        tell();
    }

    synchronized void failed() {
        failed = true;
        tell();
    }

    /** Nothing is told any more. */
    synchronized void close() {
        closed = true;
    }

    private void tell() {
        if (!checkDue && filling == 0) {
            resyncing = false;
        }
        BrokerState now;
        if (failed) {
            now = BrokerState.FAILED;
        } else if (!reachable) {
            now = BrokerState.DISCONNECTED;
        } else {
            now = resyncing ? BrokerState.RESYNCING : BrokerState.CONNECTED;
        }
        if (told == null || told == now || closed) {
            return;
        }
        told = now;
        onState.accept(now);
    }
}
