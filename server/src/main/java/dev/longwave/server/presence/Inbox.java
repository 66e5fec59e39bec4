package dev.longwave.server.presence;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Changes on their way to the views, in order. Beyond a bound they are dropped: the next read of
 * the leases finds them. Safe for many threads.
 */
final class Inbox {

    private static final int MAX = 1 << 16;

    private final BlockingQueue<Arrival> changes = new ArrayBlockingQueue<>(MAX);
    private final AtomicBoolean announced = new AtomicBoolean();

    /**
     * A change that has come.
     *
     * @param order where it is among all changes and watches of this node
     */
    record Arrival(Change change, long order, long nanos) {}

    /** {@return whether someone must be asked to take what is there} */
    boolean add(Arrival arrival) {
        return changes.offer(arrival) && announced.compareAndSet(false, true);
    }

    /** {@return all that has come since the last time} */
    List<Arrival> take() {
        announced.set(false); // before: one that comes now is taken, or announced again
        var taken = new ArrayList<Arrival>();
        changes.drainTo(taken);
        return taken;
    }
}
