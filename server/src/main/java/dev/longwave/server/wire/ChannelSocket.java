package dev.longwave.server.wire;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ServerConnectionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One client's socket. It holds no buffer while nobody reads or writes, and can write without
 * waiting.
 *
 * <p>One thread may read and one may write at a time; any may {@link #close()}.
 */
public final class ChannelSocket implements HelidonSocket {
    /*
     * Helidon's own sockets keep a read buffer of 8 KiB each, and have no write that does not wait.
     *
     * The channel is in blocking mode while a protocol engine has it, and in non-blocking mode once it is
     * express(). The JDK lets the two meet: a virtual thread that would block in blocking mode is parked,
     * and the file descriptor is non-blocking from then on, so that changing the mode is no system call.
     */
    private static final int MIN_READ_BYTES = 1 << 10;
    private static final int MAX_READ_BYTES = 16 << 10;
    private static final int MAX_WRITE_BYTES = 64 << 10;
    private static final ThreadLocal<ByteBuffer> SHARED =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(MAX_READ_BYTES));

    private final SocketChannel channel;
    private int readBytes = MIN_READ_BYTES; // grows with a client that sends much

    ChannelSocket(SocketChannel channel) {
        this.channel = channel;
    }

    /** Allows {@link #writeNow}, and reading no more. For the writing thread. */
    public void express() {
        try {
            channel.configureBlocking(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes as much of {@code bytes} as the socket's send buffer has room for. Only after {@link
     * #express()}.
     *
     * @throws UncheckedIOException if the connection is gone
     */
    public void writeNow(ByteBuffer bytes) {
        try {
            channel.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * {@return anything} It reads what {@link #writeNow} will need, as far as can be reached. Any
     * thread.
     */
    public int touch() {
        return readBytes + (channel.isOpen() ? 1 : 0) + (channel.isConnected() ? 1 : 0);
    }

    /**
     * Writes all of {@code bytes}, waiting for the client to read. Interrupting the waiting thread
     * closes the connection.
     *
     * @throws UncheckedIOException if the connection is gone
     */
    public void write(ByteBuffer bytes) {
        try {
            channel.write(bytes);
            if (!bytes.hasRemaining()) {
                return;
            }
            boolean express = !channel.isBlocking();
            channel.configureBlocking(true);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            if (express) {
                channel.configureBlocking(false);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void write(BufferData buffer) {
        while (!buffer.consumed()) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.min(buffer.available(), MAX_WRITE_BYTES));
            var _ = buffer.writeTo(bytes, bytes.capacity());
            write(bytes.flip());
        }
    }

    /** Waits for bytes; null at the end of what the client sends. */
    @Override
    public byte @Nullable [] get() {
        return Thread.currentThread().isVirtual() ? readOwn() : readShared();
    }

    /** By an operating system thread: there are few, so that each can keep a buffer. */
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
            return channel.read(buffer);
        } catch (IOException e) {
            throw new ServerConnectionException(
                    "cannot read from the client", new UncheckedIOException(e));
        }
    }

    @Override
    @Deprecated
    @SuppressWarnings("removal")
    public int read(BufferData buffer) {
        throw new UnsupportedOperationException("replaced by get()");
    }

    @Override
    public void idle() {
        throw new UnsupportedOperationException("for clients");
    }

    @Override
    public boolean isConnected() {
        return channel.isOpen();
    }

    /** Closes it, after what was written. Does not fail. */
    @Override
    public void close() {
        try {
            channel.shutdownOutput();
        } catch (IOException _) {
            // The client closed it first.
        }
        try {
            channel.close();
        } catch (IOException _) {
            // It is closed nevertheless.
        }
    }

    @Override
    public PeerInfo remotePeer() {
        return new Peer(address(true));
    }

    @Override
    public PeerInfo localPeer() {
        return new Peer(address(false));
    }

    private InetSocketAddress address(boolean remote) {
        try {
            SocketAddress address = remote ? channel.getRemoteAddress() : channel.getLocalAddress();
            return (InetSocketAddress) address;
        } catch (IOException e) {
            throw new ServerConnectionException("the client is gone", e);
        }
    }

    @Override
    public boolean isSecure() {
        return false;
    }

    @Override
    public String socketId() {
        return "door";
    }

    @Override
    public String childSocketId() {
        return Integer.toHexString(System.identityHashCode(channel));
    }
}
