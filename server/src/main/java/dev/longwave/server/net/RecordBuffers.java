package dev.longwave.server.net;

import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Buffers for TLS records, each borrowed while records are encrypted and written. Safe for many
 * threads.
 */
final class RecordBuffers {
    /*
     * An SSLEngine wants room for the longest record before it makes one, however short. A platform thread keeps
     * a buffer for all connections that it writes to, as in TcpEndpoint. There are too many virtual threads for
     * that: they take a spare buffer, or a new one. A write that a slow client holds up holds its buffer, too.
     */

    /** Header, data, and what encryption may add: RFC 5246, section 6.2.3. */
    static final int BYTES = 5 + (16 << 10) + (2 << 10);

    private static final int MAX_SPARE = 32;
    private static final Queue<ByteBuffer> SPARE = new ArrayBlockingQueue<>(MAX_SPARE);
    private static final ThreadLocal<ByteBuffer> OF_THREAD =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BYTES));

    private RecordBuffers() {}

    /** A buffer of {@link #BYTES}, for the calling thread until it gives it back. One at a time. */
    static ByteBuffer take() {
        if (!Thread.currentThread().isVirtual()) {
            return OF_THREAD.get();
        }
        ByteBuffer spare = SPARE.poll();
        return spare == null ? ByteBuffer.allocate(BYTES) : spare;
    }

    /** Gives back what {@link #take} returned. */
    static void giveBack(ByteBuffer buffer) {
        if (Thread.currentThread().isVirtual()) {
            var _ = SPARE.offer(buffer);
        }
    }
}
