package dev.longwave.server.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A TCP connection. It holds no buffer while nobody reads or writes. */
public final class TcpEndpoint implements Endpoint {
    /*
     * The channel is in blocking mode while a protocol engine has the connection, and in non-blocking mode
     * once direct writes are enabled. The JDK lets the two meet: a virtual thread that would block in
     * blocking mode is parked, and the file descriptor is non-blocking from then on, so that changing the
     * mode is no system call, and a blocking write returns as soon as it has written something.
     *
     * In blocking mode a reader may be waiting at the same time, and the mode must not be changed; so each
     * write is watched, by the same Wait. In non-blocking mode only a write that does not get through is.
     *
     * A connection that receives beside direct writes stays in non-blocking mode: its selection key forbids the
     * other one. So it waits, for room to write as for something to read, by its key.
     */
    private static final System.Logger LOGGER = System.getLogger(TcpEndpoint.class.getName());

    private static final int MIN_READ_BYTES = 1 << 10;
    private static final int MAX_READ_BYTES = 16 << 10;
    private static final int SHARED_BYTES = MAX_READ_BYTES;

    /** For platform threads: there are few, so each can keep a buffer for all connections. */
    private static final ThreadLocal<ByteBuffer> SHARED =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(SHARED_BYTES));

    private final SocketChannel channel;
    private final Deadlines deadlines;
    private final Readiness readiness;
    private volatile Readiness.@Nullable Registration registration; // once it receives
    private volatile Deadlines.@Nullable Wait blockingWrites; // null once direct writes are enabled
    private int readBytes = MIN_READ_BYTES; // grows with a client that sends much
    private volatile boolean expired;
    private volatile boolean inputExpired;
    private volatile @Nullable InetSocketAddress client; // if a proxy has said who it is

    /**
     * A connection whose blocked writes are ended by {@code deadlines}.
     *
     * @param channel connected, in blocking mode; closed with the endpoint
     * @param readiness tells when there is something to read, of connections that {@link #receive}
     */
    public TcpEndpoint(SocketChannel channel, Deadlines deadlines, Readiness readiness) {
        this.channel = channel;
        this.deadlines = deadlines;
        this.readiness = readiness;
        this.blockingWrites = deadlines.writes(this::expire);
    }

    @Override
    public byte @Nullable [] read() {
        return Thread.currentThread().isVirtual() ? readOwn() : readShared();
    }

    private byte @Nullable [] readShared() {
        ByteBuffer buffer = SHARED.get().clear();
        int count = read(buffer);
        if (count < 0) {
            return null;
        }
        var bytes = new byte[count];
        buffer.get(0, bytes);
        return bytes;
    }

    private byte @Nullable [] readOwn() {
        ByteBuffer buffer = ByteBuffer.allocate(readBytes);
        int count = read(buffer);
        if (count < 0) {
            return null;
        }
        if (count == readBytes) {
            readBytes = Math.min(2 * readBytes, MAX_READ_BYTES);
            return buffer.array();
        }
        return Arrays.copyOf(buffer.array(), count);
    }

    private int read(ByteBuffer buffer) {
        try {
            int count = channel.read(buffer);
            if (count < 0 && inputExpired) {
                throw new DeadlineExceededException();
            }
            return count;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void write(ByteBuffer bytes) {
        Deadlines.Wait present = blockingWrites;
        try {
            if (present != null) {
                write(bytes, present);
                return;
            }
            channel.write(bytes);
            if (bytes.hasRemaining()) {
                writeBlocking(bytes);
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void writeBlocking(ByteBuffer bytes) throws IOException {
        Readiness.Registration registered = registration;
        if (registered != null) {
            writeWhenReady(bytes, registered);
            return;
        }
        channel.configureBlocking(true);
        try (Deadlines.Wait wait = deadlines.writes(this::expire)) {
            write(bytes, wait);
        }
        channel.configureBlocking(false);
    }

    private void writeWhenReady(ByteBuffer bytes, Readiness.Registration registered)
            throws IOException {
        try (Deadlines.Wait wait = deadlines.writes(this::expire)) {
            while (bytes.hasRemaining()) {
                wait.begin();
                registered.awaitWritable();
                wait.end();
                if (channel.write(bytes) > 0) {
                    wait.progress();
                }
            }
        }
    }

    private void write(ByteBuffer bytes, Deadlines.Wait wait) throws IOException {
        while (bytes.hasRemaining()) {
            wait.progress();
            wait.begin();
            try {
                channel.write(bytes);
            } finally {
                wait.end();
            }
        }
    }

    @Override
    public boolean enableDirectWrites() {
        try {
            channel.configureBlocking(false);
        } catch (IOException e) {
            throw failed(e);
        }
        stopWatching();
        return true;
    }

    @Override
    public int tryWrite(byte[] array, int offset, int length) {
        boolean shared = length <= SHARED_BYTES && !Thread.currentThread().isVirtual();
        ByteBuffer bytes =
                shared
                        ? SHARED.get().clear().put(array, offset, length).flip()
                        : ByteBuffer.wrap(array, offset, length);
        return tryWrite(bytes);
    }

    /** Writes as much of {@code bytes} as is possible without waiting, and returns how much. */
    int tryWrite(ByteBuffer bytes) {
        try {
            return channel.write(bytes);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void receive(Receiver receiver) {
        try {
            channel.configureBlocking(false);
            Readiness.Registration registered = readiness.register(channel);
            registration = registered;
            stopWatching();
            new Receiving(receiver, registered).awaitMore();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Reads for a receiver, on a thread that lasts as long as there is something to read. */
    private final class Receiving {
        private final Receiver receiver;
        private final Readiness.Registration registered;

        Receiving(Receiver receiver, Readiness.Registration registered) {
            this.receiver = receiver;
            this.registered = registered;
        }

        void awaitMore() {
            registered.onReadable(
                    () -> Thread.ofVirtual().name("longwave-receiver").start(this::run));
        }

        private void run() {
            try {
                byte[] bytes = readOwn();
                if (bytes != null) {
                    if (bytes.length > 0) {
                        receiver.received(bytes);
                    }
                    awaitMore();
                    return;
                }
            } catch (UncheckedIOException e) {
                LOGGER.log(System.Logger.Level.TRACE, "the client is gone", e);
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.WARNING, "what a client sent was not handled", e);
            }
            receiver.ended();
        }
    }

    /** Nobody resets a stream here: the connection is the stream. */
    @Override
    public void onReset(Runnable action) {
        // A client that leaves is found out by the next write.
    }

    @Override
    public int prefetch() {
        return readBytes + (channel.isOpen() ? 1 : 0) + (channel.isConnected() ? 1 : 0);
    }

    @Override
    public void drain(int maxBytes, Duration atMost) {
        long limit = atMost.toNanos();
        try (Deadlines.Wait wait = deadlines.wait(() -> limit, this::closeChannel)) {
            channel.shutdownOutput();
            wait.begin(); // once, so that the deadline is for all of it
            ByteBuffer buffer = ByteBuffer.allocate(Math.min(maxBytes, MAX_READ_BYTES));
            int count = 0;
            for (int left = maxBytes; left > 0 && count >= 0; left -= count) {
                count = channel.read(buffer.clear());
            }
        } catch (IOException _) {
            // The client is gone, or took too long.
        }
    }

    /** Sets the client whose connection a proxy passes on: {@link #peer} is this from now on. */
    void passedOnFor(InetSocketAddress newClient) {
        client = newClient;
    }

    @Override
    public InetSocketAddress peer() {
        InetSocketAddress behindProxy = client;
        if (behindProxy != null) {
            return behindProxy;
        }
        try {
            return (InetSocketAddress) channel.getRemoteAddress();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public Optional<SSLSession> tls() {
        return Optional.empty();
    }

    private UncheckedIOException failed(IOException e) {
        return expired
                ? new DeadlineExceededException(e)
                : new UncheckedIOException("the client is gone", e);
    }

    @Override
    public void expireInput() {
        inputExpired = true;
        try {
            channel.shutdownInput();
        } catch (IOException _) {
            // It is closed already.
        }
    }

    /** Ends it now, and has the kernel forget what the client did not take. Any thread. */
    void expire() {
        expired = true;
        try {
            var _ = channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException _) {
            // It is closed already.
        }
        closeChannel();
    }

    @Override
    public void close() {
        try {
            channel.shutdownOutput();
        } catch (IOException _) {
            // The client closed it first.
        }
        closeChannel();
    }

    private void closeChannel() {
        stopWatching();
        try {
            channel.close();
        } catch (IOException _) {
            // It is closed nevertheless.
        }
        Readiness.Registration registered = registration;
        if (registered != null) {
            registered.cancelled();
        }
    }

    private void stopWatching() {
        Deadlines.Wait wait = blockingWrites;
        if (wait != null) {
            wait.close();
            blockingWrites = null;
        }
    }
}
