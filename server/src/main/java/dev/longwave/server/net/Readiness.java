package dev.longwave.server.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Tells when connections in non-blocking mode have something to read, or room to write. So an idle
 * connection needs no thread that waits for its client. Safe for many threads.
 */
public final class Readiness implements AutoCloseable {
    /*
     * One thread selects, and runs no code of a connection but the start of a thread. It is started with the
     * first connection that needs it.
     *
     * Interest is for one event: the selecting thread takes it back before it tells of the event. Interest is
     * level-triggered, so what became ready between a failed read and the new interest is not missed.
     */
    private static final System.Logger LOGGER = System.getLogger(Readiness.class.getName());

    private final Selector selector;
    private @Nullable Thread thread; // guarded by this
    private volatile boolean closed;

    /** One connection's interest. */
    final class Registration {
        private final SelectionKey key;
        private volatile @Nullable Runnable onReadable;
        private volatile @Nullable Thread writer;
        private volatile boolean writable;

        private Registration(SocketChannel channel) throws ClosedChannelException {
            this.key = channel.register(selector, 0, this);
        }

        /**
         * Has {@code action} run, once, as soon as there is something to read: bytes, the end, or a
         * fault. It must not block.
         */
        void onReadable(Runnable action) {
            onReadable = action;
            await(SelectionKey.OP_READ);
        }

        /** Waits until there may be room to write, or the connection is closed. One thread. */
        void awaitWritable() {
            writable = false;
            writer = Thread.currentThread();
            await(SelectionKey.OP_WRITE);
            while (!writable && key.isValid() && !closed) {
                LockSupport.park(this);
                if (Thread.currentThread().isInterrupted()) {
                    break; // its connection is cut, and the next write says so
                }
            }
            writer = null;
        }

        private void await(int operation) {
            try {
                key.interestOpsOr(operation);
                selector.wakeup();
            } catch (CancelledKeyException | ClosedSelectorException _) {
                cancelled();
            }
        }

        /**
         * The connection is closed: wakes those that wait for it. Any thread. The channel keeps its
         * file descriptor until the selecting thread lets go of it, too.
         */
        void cancelled() {
            selector.wakeup();
            LockSupport.unpark(writer);
            readable();
        }

        private void ready(int operations) {
            if ((operations & SelectionKey.OP_WRITE) != 0) {
                writable = true;
                LockSupport.unpark(writer);
            }
            if ((operations & SelectionKey.OP_READ) != 0) {
                readable();
            }
        }

        private void readable() {
            Runnable action;
            synchronized (this) {
                action = onReadable;
                onReadable = null;
            }
            if (action != null) {
                action.run();
            }
        }
    }

    /** No connections yet. */
    public Readiness() {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open a selector", e);
        }
    }

    /** Registers a channel, which must be in non-blocking mode as long as it is open. */
    Registration register(SocketChannel channel) throws IOException {
        synchronized (this) {
            if (thread == null && !closed) {
                thread = Thread.ofPlatform().daemon().name("longwave-readiness").start(this::run);
            }
        }
        try {
            return new Registration(channel);
        } catch (ClosedSelectorException e) {
            throw new IOException("the server stops", e);
        }
    }

    private void run() {
        while (!closed) {
            try {
                selector.select(Readiness::tell);
            } catch (IOException | RuntimeException e) {
                if (!closed) {
                    // All connections need this thread.
                    LOGGER.log(System.Logger.Level.ERROR, "waiting for clients failed", e);
                }
            }
        }
    }

    private static void tell(SelectionKey key) {
        int operations;
        try {
            operations = key.readyOps();
            key.interestOpsAnd(~operations);
        } catch (CancelledKeyException _) {
            operations = SelectionKey.OP_READ | SelectionKey.OP_WRITE;
        }
        if (key.attachment() instanceof Registration registration) {
            registration.ready(operations);
        }
    }

    /** Waits no longer for any connection. They must be closed before. */
    @Override
    public void close() {
        closed = true;
        try {
            selector.close();
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.WARNING, "closing the selector failed", e);
        }
    }
}
