package dev.longwave.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A stream of an {@link Http2Connection}: one GET and its answer.
 *
 * <p>The server may send as much as the stream's window allows; only reading the {@link #body()}
 * opens it again. Who does not read is a frozen reader that harms no other stream.
 */
public final class Http2Stream implements Transport.Exchange {

    private static final Duration SILENCE = Duration.ofMinutes(2);

    private final Http2Connection connection;
    private final int id;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by the lock.
    private final Deque<byte[]> arrived = new ArrayDeque<>();
    private int taken; // of the first piece
    private @Nullable ResponseHead head;
    private boolean ended;
    private @Nullable IOException failure;

    Http2Stream(Http2Connection connection, int id) {
        this.connection = connection;
        this.id = id;
    }

    int id() {
        return id;
    }

    Http2Connection connection() {
        return connection;
    }

    /** {@return whether nothing more will come: ended, reset or disconnected} */
    public boolean over() {
        lock.lock();
        try {
            return ended || failure != null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public ResponseHead head() throws IOException {
        lock.lock();
        try {
            await(() -> head != null);
            if (head == null) {
                throw new IOException("the stream ended before its header stream=" + id, failure);
            }
            return head;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public InputStream body() {
        return new Body();
    }

    /** Gives the stream up with RST_STREAM, if it is not over, and leaves the connection open. */
    @Override
    public void close() {
        if (!over()) {
            fail(new IOException("the stream was closed here stream=" + id));
            connection.reset(this);
        }
    }

    /** Sends RST_STREAM even if the stream is over, as a reset does that crosses the end. */
    public void resetLate() {
        connection.reset(this);
    }

    /**
     * Takes the header, and in one step the end if there is no body: a reader sees both or none.
     */
    void headed(ResponseHead answer, boolean withoutBody) {
        lock.lock();
        try {
            if (head == null) {
                head = answer;
            }
            ended = withoutBody;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void arrived(byte[] piece) {
        lock.lock();
        try {
            arrived.add(piece);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void ended() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void fail(IOException cause) {
        lock.lock();
        try {
            if (!ended && failure == null) {
                failure = cause;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for {@code condition} or the end of the stream. */
    private void await(BooleanSupplier condition) throws IOException {
        try {
            long left = SILENCE.toNanos();
            while (!condition.getAsBoolean() && !ended && failure == null) {
                if (left <= 0) {
                    throw new SocketTimeoutException("nothing came on the stream stream=" + id);
                }
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    private int take(byte[] bytes, int offset, int length) throws IOException {
        lock.lock();
        try {
            await(() -> !arrived.isEmpty());
            if (arrived.isEmpty()) {
                if (failure != null) {
                    throw new IOException(failure);
                }
                return -1;
            }
            byte[] first = arrived.getFirst();
            int count = Math.min(length, first.length - taken);
            System.arraycopy(first, taken, bytes, offset, count);
            taken += count;
            if (taken == first.length) {
                arrived.removeFirst();
                taken = 0;
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    private final class Body extends InputStream {
        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            int count = take(bytes, offset, length);
            if (count > 0 && !over()) {
                connection.consumed(id, count);
            }
            return count;
        }
    }
}
