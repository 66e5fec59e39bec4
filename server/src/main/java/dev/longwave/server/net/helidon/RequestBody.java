package dev.longwave.server.net.helidon;

import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The body of an HTTP/2 request, whose reader learns that the rest will not come.
 *
 * <p>Helidon leaves a thread that waits for the rest waiting when the connection ends, and takes
 * the body for whole when that thread is interrupted.
 */
final class RequestBody extends InputStream {

    private final InputStream body;
    private final BooleanSupplier arrived;
    private @Nullable Thread reader; // while it may wait; guarded by this
    private boolean lost; // guarded by this

    /**
     * @param arrived says whether the client has sent all of it
     */
    RequestBody(InputStream body, BooleanSupplier arrived) {
        this.body = body;
        this.arrived = arrived;
    }

    /** The connection is at its end. Any thread. */
    synchronized void lose() {
        lost = true;
        Thread waiting = reader;
        if (waiting != null) {
            waiting.interrupt();
        }
    }

    private synchronized void beginToWait() {
        checkNotLost();
        reader = Thread.currentThread();
    }

    private synchronized void endToWait() {
        reader = null;
        if (lost) {
            var _ = Thread.interrupted(); // it has served its purpose
        }
        checkNotLost();
    }

    private void checkNotLost() {
        if (lost) {
            throw new CloseConnectionException("the connection ended within a request");
        }
    }

    @Override
    public int read() throws IOException {
        beginToWait();
        int next;
        try {
            next = body.read();
        } finally {
            endToWait();
        }
        checkEnd(next);
        return next;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        beginToWait();
        int count;
        try {
            count = body.read(bytes, offset, length);
        } finally {
            endToWait();
        }
        checkEnd(count);
        return count;
    }

    private void checkEnd(int result) {
        if (result < 0 && !arrived.getAsBoolean()) {
            throw new CloseConnectionException("the server stops within a request");
        }
    }

    @Override
    public void close() throws IOException {
        beginToWait();
        try {
            body.close();
        } finally {
            endToWait();
        }
    }
}
