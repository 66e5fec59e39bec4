package dev.longwave.server.net.helidon;

import dev.longwave.server.net.Endpoint;
import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.CloseConnectionException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a connection that many streams share: what they write at about the same time is one
 * write to the endpoint. Safe for many threads.
 *
 * <p>An event for all streams of an HTTP/2 connection is a frame for each of them, and a write to a
 * socket costs more than all else that is done for a frame.
 */
final class GatheringWriter extends UnbufferedWriter {
    /*
     * What is written is appended to `pending`, and a thread is started that writes it, unless one is
     * running. It runs after the threads that are ready by then, which are those of the streams that have
     * the same event, and takes with it what they append. It ends when nothing is left, so that an idle
     * connection has neither a thread nor a buffer for this.
     *
     * All fields are guarded by `this`; the one running thread writes to the endpoint, outside of it.
     *
     * Back-pressure: a thread that finds as much pending as is allowed waits. The endpoint's write deadline
     * ends that, with the connection. Allowed is what the streams would each hold if they had a connection
     * each; with less, they wait for each other at every event for all of them.
     */
    private static final int MIN_PENDING = 64 << 10;
    private static final int MAX_PENDING = 1 << 20;
    private static final int PENDING_PER_STREAM = 16 << 10;
    private static final int INITIAL_BYTES = 1 << 10;
    private static final byte[] NONE = {};

    /**
     * A segment on the loopback interface is as long as a write, up to 64 KiB, and one that does
     * not fit into what is left of the receiver's buffer is dropped, and sent again after 200 ms.
     */
    private static final int MAX_WRITE = 16 << 10;

    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("longwave-http2-writer").factory();

    private final Endpoint endpoint;
    private final IntSupplier streams;
    private final Consumer<Frame> written;

    private byte[] pending = NONE;
    private byte[] free = NONE; // was written, or is being written
    private int length;
    private int lately = INITIAL_BYTES; // what was gathered last: about what will be next
    private boolean running;
    private @Nullable RuntimeException failure;

    /**
     * @param streams how many streams share it, about
     * @param written is told of each frame, before it is written; must not block
     */
    GatheringWriter(Endpoint endpoint, IntSupplier streams, Consumer<Frame> written) {
        this.endpoint = endpoint;
        this.streams = streams;
        this.written = written;
    }

    /**
     * Has {@code buffer}, a whole frame, written soon. The engine also writes its answer to an
     * upgrade, whose fourth byte is of no frame's type.
     *
     * @throws RuntimeException if the connection is gone, as far as that is known
     */
    @Override
    public synchronized void writeNow(BufferData buffer) {
        awaitRoom();
        int more = buffer.available();
        if (pending.length - length < more) {
            int doubled = Math.max(lately, 2 * pending.length);
            pending = Arrays.copyOf(pending, Math.max(doubled, length + more));
        }
        buffer.read(pending, length, more);
        if (more >= Frame.HEADER_LENGTH) {
            written.accept(new Frame(pending, length));
        }
        length += more;
        if (!running) {
            running = true;
            THREADS.newThread(this::run).start();
        }
    }

    /**
     * Has a whole frame written soon, unless that would have to wait, or the connection is gone.
     * For what a client can do without.
     */
    synchronized void tryWriteNow(BufferData buffer) {
        if (failure == null && hasRoom()) {
            writeNow(buffer);
        }
    }

    /** Whether a frame would not have to wait for room, as far as can be seen now. */
    synchronized boolean hasRoom() {
        return failure != null || length < maxPending();
    }

    private void awaitRoom() {
        try {
            while (failure == null && length >= maxPending()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CloseConnectionException("interrupted while the client does not read", e);
        }
        if (failure != null) {
            throw new CloseConnectionException("the client is gone", failure);
        }
    }

    private int maxPending() {
        return Math.clamp((long) PENDING_PER_STREAM * streams.getAsInt(), MIN_PENDING, MAX_PENDING);
    }

    private void run() {
        try {
            ByteBuffer bytes;
            while ((bytes = take()) != null) {
                for (int at = 0; at < bytes.capacity(); at += MAX_WRITE) {
                    endpoint.write(bytes.slice(at, Math.min(MAX_WRITE, bytes.capacity() - at)));
                }
            }
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private synchronized @Nullable ByteBuffer take() {
        notifyAll(); // there is room, or nothing is left
        if (length == 0) {
            running = false;
            pending = NONE;
            free = NONE;
            return null;
        }
        var bytes = ByteBuffer.wrap(pending, 0, length).slice();
        lately = length;
        byte[] next = free;
        free = pending;
        pending = next;
        length = 0;
        return bytes;
    }

    private synchronized void fail(RuntimeException e) {
        failure = e;
        pending = NONE;
        free = NONE;
        length = 0;
        running = false;
        notifyAll();
    }

    /** Whether something is left to be written. */
    synchronized boolean isWriting() {
        return running;
    }

    /** Waits until all is written, but not for ever. */
    synchronized void awaitWritten(long millis) {
        var _ = Monitors.await(this, millis, () -> !running);
    }

    /** What is written together stays together. */
    @Override
    public synchronized void writeNow(BufferData... buffers) {
        super.writeNow(buffers);
    }
}
