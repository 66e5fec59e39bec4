package dev.longwave.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The subscribers of one topic, in shards that are signalled independently of each other. */
final class Subscribers {
    /*
     * Joining and leaving take a lock, briefly, and cost the same however many there are. Signalling takes
     * none: it walks a shard's slots, which are null where a subscriber left.
     *
     * No signal is lost: a subscriber stores itself in its slot and then reads the log's `latest`; the
     * appending thread stores `latest` and then reads the slots. All four are volatile, so one of the
     * two sees the other. A slot array that was outgrown meanwhile lacks only subscribers that joined
     * after the appending thread loaded it, and these read `latest` later still.
     */
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Signal[].class);
    private static final VarHandle SIGNALLED;
    private static final VarHandle QUEUED;
    private static final int INITIAL_SLOTS = 2;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            SIGNALLED = lookup.findVarHandle(Subscribers.class, "signalled", boolean.class);
            QUEUED = lookup.findVarHandle(Subscribers.class, "queued", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * How many subscribers one shard has at most: what one thread serves before another topic has
     * its turn, some milliseconds.
     */
    static final int SHARD_SLOTS = 512;

    private volatile List<Shard> shards = List.of(new Shard());
    private volatile int count; // written under the lock

    // For FanOut:
    private volatile boolean signalled; // and not yet passed on to the shards
    private volatile boolean queued;
    private int lookFrom; // the shard to look at first: a hint, which threads may overwrite

    /** Where a subscriber is, so that it can leave again. */
    record Seat(Shard shard, int slot) {}

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    synchronized Seat join(Signal subscriber) {
        count++;
        for (Shard shard : shards) {
            if (shard.hasRoom()) {
                return new Seat(shard, shard.join(subscriber));
            }
        }
        var added = new Shard();
        int slot = added.join(subscriber);
        var longer = new ArrayList<>(shards);
        // In front, so that the next one to join finds the room at once.
        longer.addFirst(added);
        shards = List.copyOf(longer);
        return new Seat(added, slot);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    synchronized void leave(Seat seat) {
        count--;
        seat.shard().leave(seat.slot());
        if (seat.shard().isEmpty() && shards.size() > 1) {
            var shorter = new ArrayList<>(shards);
            shorter.remove(seat.shard());
            shards = List.copyOf(shorter);
        }
    }

    int count() {
        return count;
    }

    /** Signals all of them. Any thread. */
    void signalAll() {
        shards.forEach(Shard::signalAll);
    }

    /** Notes that all of them must be signalled. */
    void markAll() {
        signalled = true;
    }

    /** Whether the caller must queue this topic, because it is not in the queue. */
    boolean claimQueueing() {
        return !queued && !(boolean) QUEUED.getAndSet(this, true);
    }

    /**
     * It is out of the queue. Whether the caller must queue it again, as it was marked meanwhile.
     */
    boolean dequeued() {
        queued = false;
        return (signalled || shards.stream().anyMatch(shard -> shard.marked)) && claimQueueing();
    }

    /** A shard that must be signalled, which is for the caller to do; null if there is none. */
    @Nullable Shard next() {
        List<Shard> present = shards;
        if ((boolean) SIGNALLED.getAndSet(this, false)) {
            present.forEach(shard -> shard.marked = true);
        }
        for (int i = 0; i < present.size(); i++) {
            int index = (lookFrom + i) % present.size();
            if (present.get(index).unmark()) {
                lookFrom = index + 1;
                return present.get(index);
            }
        }
        return null;
    }

    /** Up to {@value #SHARD_SLOTS} subscribers. */
    static final class Shard {
        /*
         * With some thousand subscribers each signal finds a dozen objects that no processor's cache has,
         * one leading to the next, and waits for each. So before the first of some subscribers is signalled,
         * the objects of all of these are read once. These reads do not depend on each other, and the
         * processor does many at a time: docs/adr/0016.
         */

        /** How many are prefetched before the first of them is signalled. */
        private static final int AHEAD = 64;

        private static final VarHandle MARKED;

        static {
            try {
                MARKED = MethodHandles.lookup().findVarHandle(Shard.class, "marked", boolean.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private volatile @Nullable Signal[] slots = new Signal[INITIAL_SLOTS];
        private int[] free = {0, 1}; // a stack of free slots, for the lock's owner
        private int freeCount = INITIAL_SLOTS;

        private volatile boolean marked; // must be signalled

        @SuppressWarnings("UnusedVariable") // or the compiler would leave out the reads
        private int prefetched;

        /** Signals all of them. Any thread. */
        void signalAll() {
            @Nullable Signal[] present = slots;
            for (int i = 0; i < present.length; i++) {
                var _ = signal(present, i);
            }
        }

        /** Signals all of them, no faster than they can run. */
        void signalAll(Throttle throttle) throws InterruptedException {
            @Nullable Signal[] present = slots;
            for (int i = 0; i < present.length; i++) {
                if (i % AHEAD == 0) {
                    prefetched = prefetch(present, i);
                }
                if (signal(present, i)) {
                    throttle.woke();
                }
            }
        }

        private static int prefetch(@Nullable Signal[] present, int from) {
            int seen = 0;
            for (int i = from; i < Math.min(present.length, from + AHEAD); i++) {
                Signal subscriber = (Signal) SLOT.getVolatile(present, i);
                if (subscriber != null) {
                    seen += subscriber.prefetch();
                }
            }
            return seen;
        }

        private static boolean signal(@Nullable Signal[] present, int slot) {
            Signal subscriber = (Signal) SLOT.getVolatile(present, slot);
            return subscriber != null && subscriber.signal();
        }

        /**
         * Whether it was marked. Before signalling, so that what happens meanwhile is not missed.
         */
        private boolean unmark() {
            return marked && (boolean) MARKED.getAndSet(this, false);
        }

        private boolean hasRoom() {
            return freeCount > 0 || slots.length < SHARD_SLOTS;
        }

        private boolean isEmpty() {
            return freeCount == slots.length;
        }

        private int join(Signal subscriber) {
            if (freeCount == 0) {
                grow();
            }
            int slot = free[--freeCount];
            SLOT.setVolatile(slots, slot, subscriber);
            return slot;
        }

        private void leave(int slot) {
            SLOT.setVolatile(slots, slot, (Signal) null);
            free[freeCount++] = slot;
        }

        private void grow() {
            @Nullable Signal[] present = slots;
            @Nullable Signal[] larger = new Signal[Math.min(SHARD_SLOTS, present.length * 2)];
            System.arraycopy(present, 0, larger, 0, present.length);
            free = new int[larger.length];
            for (int slot = larger.length - 1; slot >= present.length; slot--) {
                free[freeCount++] = slot;
            }
            slots = larger;
        }
    }
}
