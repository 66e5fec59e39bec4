package dev.longwave.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The thread, the selector, the read buffer and the clock that all connections share. */
final class EventLoop {
    /** A connection. */
    interface Handler {
        /** Something can be done. */
        void ready(SelectionKey key) throws IOException;

        /** The connection is broken; {@code key} is cancelled and the channel closed. */
        void failed(IOException reason);
    }

    static final int READ_BYTES = 256 * 1024;
    private static final long SPIN_BELOW_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long SPIN_NANOS = 3_000;

    private final Selector selector;
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(READ_BYTES);
    private final Consumer<SelectionKey> dispatch = this::dispatch;
    private final long epoch = System.nanoTime();
    private long arrivedAt;
    private long wokenAt;
    private long idleNanos;
    private boolean sleepless;

    EventLoop() throws IOException {
        selector = Selector.open();
    }

    /**
     * Never sleeps from now on. Waking a sleeping core costs the sender, which on one machine is
     * the server; a server with clients on other machines does not pay for that.
     */
    void stayAwake() {
        sleepless = true;
    }

    /** {@return nanoseconds since the start} */
    long now() {
        return System.nanoTime() - epoch;
    }

    /** {@return when the bytes of the last read arrived} */
    long arrivedAt() {
        return arrivedAt;
    }

    /** {@return how long there has been nothing to do so far} */
    long idleNanos() {
        return idleNanos;
    }

    /** Calls {@code handler} whenever {@code channel} is ready for one of {@code operations}. */
    void register(SocketChannel channel, int operations, Handler handler)
            throws ClosedChannelException {
        channel.register(selector, operations, handler);
    }

    /** {@return the key of a channel that is registered} */
    SelectionKey key(SocketChannel channel) {
        return Objects.requireNonNull(channel.keyFor(selector));
    }

    /** {@return what can be read now, empty at the end of the stream} Valid until the next read. */
    ByteBuffer read(SocketChannel channel) throws IOException {
        return read(channel, READ_BYTES);
    }

    /** As {@link #read(SocketChannel)}, but at most {@code bytes}. */
    ByteBuffer read(SocketChannel channel, int bytes) throws IOException {
        incoming.clear().limit(Math.min(bytes, READ_BYTES));
        if (channel.read(incoming) < 0) {
            throw new ConnectionEndedException();
        }
        arrivedAt = now();
        return incoming.flip();
    }

    /** Serves the connections that are ready, or waits for one, but not beyond {@code until}. */
    void turn(long until) {
        long began = now();
        wokenAt = 0;
        try {
            long wait = until - began;
            if (wait > SPIN_BELOW_NANOS && !sleepless) {
                selector.select(dispatch, TimeUnit.NANOSECONDS.toMillis(wait) - 1);
            } else {
                // A selector's time-out is in milliseconds: too coarse for a schedule.
                if (selector.selectNow(dispatch) == 0) {
                    spin(Math.min(until, began + SPIN_NANOS));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        idleNanos += (wokenAt == 0 ? now() : wokenAt) - began;
    }

    private void spin(long until) {
        while (now() < until) {
            Thread.onSpinWait();
        }
    }

    private void dispatch(SelectionKey key) {
        if (wokenAt == 0) {
            wokenAt = now();
        }
        var handler = (Handler) key.attachment();
        try {
            handler.ready(key);
        } catch (IOException e) {
            close(key);
            handler.failed(e);
        }
    }

    static void close(SelectionKey key) {
        key.cancel();
        try {
            key.channel().close();
        } catch (IOException _) {
            // It is not used any more, whether closed or not.
        }
    }

    /** The server closed the connection. */
    static final class ConnectionEndedException extends IOException {
        private static final long serialVersionUID = 1;

        ConnectionEndedException() {
            super("closed by the server");
        }
    }
}
