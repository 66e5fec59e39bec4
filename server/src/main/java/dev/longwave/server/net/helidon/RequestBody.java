package dev.longwave.server.net.helidon;

import dev.longwave.server.net.Deadlines;
import dev.longwave.server.net.RequestFault;
import dev.longwave.server.net.RequestFaultException;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The body of an HTTP/2 request, whose reader learns that the rest will not come: that the
 * connection has ended, or that the client takes too long.
 *
 * <p>Helidon leaves a thread that waits for the rest waiting when the connection ends, has no
 * deadline for it, and takes the body for whole when that thread is interrupted.
 */
final class RequestBody extends InputStream {

    private final Deadlines deadlines;
    private final BooleanSupplier arrived;
    private final Runnable onExpired;
    private volatile boolean pausesAllowed;
    private volatile boolean endless;

    private InputStream body = InputStream.nullInputStream(); // for the reading thread, as below
    private Deadlines.@Nullable Wait wait;
    private int bytesSinceProgress;

    private @Nullable Thread reader; // while it may wait; guarded by this, as below
    private @Nullable RuntimeException failure;
    private boolean unwanted;

    /**
     * @param arrived says whether the client has sent all of it
     * @param onExpired is told that it does not arrive in time; must not block
     */
    RequestBody(Deadlines deadlines, BooleanSupplier arrived, Runnable onExpired) {
        this.deadlines = deadlines;
        this.arrived = arrived;
        this.onExpired = onExpired;
    }

    /** This body, whose bytes are those of {@code bytes}. Once, for the reading thread. */
    RequestBody of(InputStream bytes) {
        body = bytes;
        wait = deadlines.wait(this::limitNanos, this::expire);
        return this;
    }

    /**
     * Says whether the client may pause within it for as long as an idle client may. Any thread.
     */
    void allowPauses(boolean allowed) {
        pausesAllowed = allowed;
    }

    /** It is no body, but what a client sends on a WebSocket, which has deadlines of its own. */
    void endless() {
        endless = true;
    }

    private long limitNanos() {
        if (endless) {
            return Long.MAX_VALUE;
        }
        Deadlines.Limits limits = deadlines.limits();
        return (pausesAllowed ? limits.idle() : limits.read()).toNanos();
    }

    private void expire() {
        fail(new RequestFaultException(RequestFault.timeout("the body did not arrive in time")));
        onExpired.run();
    }

    /** The server reads no more of it. Any thread. */
    void stop() {
        fail(new RequestFaultException(RequestFault.timeout("the server is stopping")));
    }

    /** The connection is at its end. Any thread. */
    void lose() {
        fail(new CloseConnectionException("the connection ended within a request"));
    }

    private synchronized void fail(RuntimeException why) {
        if (failure == null) {
            failure = why;
        }
        Thread waiting = reader;
        if (waiting != null) {
            waiting.interrupt();
        }
    }

    /** Nobody is interested in the rest, so it does not matter whether it comes. Any thread. */
    synchronized void drop() {
        unwanted = true;
    }

    /** No more waits. */
    void end() {
        Deadlines.Wait ended = wait;
        if (ended != null) {
            ended.close();
        }
    }

    private void beginToWait() {
        synchronized (this) {
            checkNotFailed();
            reader = Thread.currentThread();
        }
        Deadlines.Wait begun = wait;
        if (begun != null) {
            begun.begin();
        }
    }

    private void endToWait() {
        Deadlines.Wait ended = wait;
        if (ended != null) {
            ended.end();
        }
        synchronized (this) {
            reader = null;
            if (failure != null) {
                var _ = Thread.interrupted(); // it has served its purpose
            }
            checkNotFailed();
        }
    }

    private void checkNotFailed() {
        if (failure != null && !unwanted) {
            throw failure;
        }
    }

    @Override
    public int read() throws IOException {
        beginToWait();
        int next;
        try {
            next = body.read();
        } catch (RequestException e) {
            throw streamEnded(e);
        } finally {
            endToWait();
        }
        count(next < 0 ? -1 : 1);
        return next;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        beginToWait();
        int count;
        try {
            count = body.read(bytes, offset, length);
        } catch (RequestException e) {
            throw streamEnded(e);
        } finally {
            endToWait();
        }
        count(count);
        return count;
    }

    /** Helidon takes a stream that ends within a request for a fault of the server. */
    private static CloseConnectionException streamEnded(RequestException e) {
        return new CloseConnectionException("the stream ended within a request", e);
    }

    /** Counts what was read: enough of it is progress. */
    private void count(int bytes) {
        if (bytes < 0) {
            checkEnd();
            return;
        }
        bytesSinceProgress += bytes;
        Deadlines.Wait present = wait;
        if (present != null && bytesSinceProgress >= deadlines.limits().readBytes()) {
            bytesSinceProgress = 0;
            present.progress();
        }
    }

    private synchronized void checkEnd() {
        if (!arrived.getAsBoolean() && !unwanted) {
            throw new CloseConnectionException("the rest of a request does not come");
        }
    }

    /** Waits for some of the rest, if there is one, unless it is known that it will not come. */
    @Override
    public void close() throws IOException {
        if (hasFailed()) {
            return;
        }
        beginToWait();
        try {
            body.close();
        } finally {
            endToWait();
        }
    }

    private synchronized boolean hasFailed() {
        return failure != null;
    }
}
