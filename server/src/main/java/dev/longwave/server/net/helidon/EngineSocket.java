package dev.longwave.server.net.helidon;

import dev.longwave.server.net.Endpoint;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** An endpoint as Helidon's engines see it. They read through their own reader. */
final class EngineSocket implements HelidonSocket {

    private static final int MAX_WRITE_BYTES = 64 << 10;

    /** What engines ask for, and we do not tell: nothing of ours uses it. */
    private static final InetSocketAddress LOCAL = InetSocketAddress.createUnresolved("", 0);

    private final Endpoint endpoint;

    EngineSocket(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public void write(BufferData buffer) {
        while (!buffer.consumed()) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.min(buffer.available(), MAX_WRITE_BYTES));
            var _ = buffer.writeTo(bytes, bytes.capacity());
            endpoint.write(bytes.flip());
        }
    }

    @Override
    public byte @Nullable [] get() {
        return endpoint.read();
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
        return true; // a client that has left is found out by the next read or write
    }

    @Override
    public void close() {
        endpoint.close();
    }

    @Override
    public PeerInfo remotePeer() {
        return new Peer(endpoint.peer(), endpoint.tls().orElse(null));
    }

    @Override
    public PeerInfo localPeer() {
        return new Peer(LOCAL, null);
    }

    @Override
    public boolean isSecure() {
        return endpoint.tls().isPresent();
    }

    @Override
    public String socketId() {
        return "longwave";
    }

    @Override
    public String childSocketId() {
        return Integer.toHexString(System.identityHashCode(endpoint));
    }
}
