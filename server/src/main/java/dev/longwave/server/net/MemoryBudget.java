package dev.longwave.server.net;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory that clients make the server take at the same time, all of them together: for
 * requests that are being received, or for responses that wait for their clients. Safe for many
 * threads.
 */
public final class MemoryBudget {

    private final long max;
    private final AtomicLong taken = new AtomicLong();

    /** A part of the budget, which grows as it is needed. For one thread at a time. */
    public final class Share implements AutoCloseable {
        private long bytes;

        /** {@return whether {@code more} bytes could be added} */
        public boolean tryGrow(long more) {
            if (taken.addAndGet(more) > max) {
                taken.addAndGet(-more);
                return false;
            }
            bytes += more;
            return true;
        }

        /** Gives all of it back. Does nothing the second time. */
        @Override
        public void close() {
            taken.addAndGet(-bytes);
            bytes = 0;
        }
    }

    /**
     * @param max how many bytes there are, 1 or more
     */
    public MemoryBudget(long max) {
        this.max = max;
    }

    /** {@return an empty share; to be closed by the caller} */
    public Share share() {
        return new Share();
    }

    /** {@return how many bytes there are} */
    public long max() {
        return max;
    }

    /** {@return how many of them are taken} */
    public long taken() {
        return taken.get();
    }
}
