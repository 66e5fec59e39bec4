package dev.longwave.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The subscribers of one topic, in shards that are signalled independently of each other. */
final class Subscribers {
    /*
     * Joining and leaving take a lock, briefly, and cost the same however many there are. Signalling takes
     * none: it walks a shard's slots, which are null where somebody left.
     *
     * No signal is lost: a subscriber stores itself in its slot and then reads the log's `latest`; the
     * appending thread stores `latest` and then reads the slots. All four are volatile, so one of the
     * two sees the other. A slot array that was outgrown meanwhile lacks only subscribers that joined
     * after the appending thread loaded it, and these read `latest` later still.
     */
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Signal[].class);
    private static final int INITIAL_SLOTS = 2;

    /**
     * How many subscribers one shard has at most: about what one thread wakes within a millisecond.
     */
    static final int SHARD_SLOTS = 512;

    private final ReentrantLock lock = new ReentrantLock();
    private volatile List<Shard> shards = List.of(new Shard());
    private volatile int count; // written under the lock

    /** Where a subscriber sits, to leave again. */
    record Seat(Shard shard, int slot) {}

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    Seat join(Signal subscriber) {
        lock.lock();
        try {
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
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    void leave(Seat seat) {
        lock.lock();
        try {
            count--;
            seat.shard().leave(seat.slot());
            if (seat.shard().isEmpty() && shards.size() > 1) {
                var shorter = new ArrayList<>(shards);
                shorter.remove(seat.shard());
                shards = List.copyOf(shorter);
            }
        } finally {
            lock.unlock();
        }
    }

    int count() {
        return count;
    }

    List<Shard> shards() {
        return shards;
    }

    /** Up to {@value #SHARD_SLOTS} subscribers. */
    static final class Shard {
        private static final VarHandle QUEUED;

        static {
            try {
                QUEUED = MethodHandles.lookup().findVarHandle(Shard.class, "queued", boolean.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private volatile @Nullable Signal[] slots = new Signal[INITIAL_SLOTS];
        private int[] free = {0, 1}; // a stack of free slots, for the lock's owner
        private int freeCount = INITIAL_SLOTS;

        @SuppressWarnings("UnusedVariable") // by QUEUED
        private volatile boolean queued;

        /** Signals all of them. Any thread. */
        void signalAll() {
            @Nullable Signal[] present = slots;
            for (int i = 0; i < present.length; i++) {
                Signal subscriber = (Signal) SLOT.getVolatile(present, i);
                if (subscriber != null) {
                    subscriber.signal();
                }
            }
        }

        /** Whether the caller must queue it, because it is not waiting to be signalled already. */
        boolean claimQueueing() {
            return !(boolean) QUEUED.getVolatile(this) && !(boolean) QUEUED.getAndSet(this, true);
        }

        /**
         * Allows queueing again. Before signalling, so that what happens meanwhile is not missed.
         */
        void dequeued() {
            QUEUED.setVolatile(this, false);
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
