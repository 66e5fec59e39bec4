package dev.longwave.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** TLS of one connection, on the event loop's thread. It trusts every server. */
final class TlsClient {
    /*
     * The buffers are shared by all connections of the loop's thread. What a connection keeps of its own is the beginning
     * of a record whose end has not arrived.
     */
    private static final int PACKET_BYTES = 32 << 10;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final byte[] NONE = {};

    private final Shared shared;
    private final SocketChannel channel;
    private final SSLEngine engine;
    private byte[] begun = NONE;
    private boolean ready;

    /** What the connections of one thread share. */
    static final class Shared {
        private final SSLContext context = trusting();
        private final ByteBuffer encrypted =
                ByteBuffer.allocateDirect(EventLoop.READ_BYTES + PACKET_BYTES);
        private final ByteBuffer plain =
                ByteBuffer.allocateDirect(EventLoop.READ_BYTES + PACKET_BYTES);
        private final ByteBuffer outgoing = ByteBuffer.allocateDirect(PACKET_BYTES);

        /** {@return TLS for the thread that calls this, if it is wanted} */
        static Optional<Shared> of(Options options) {
            return options.tls ? Optional.of(new Shared()) : Optional.empty();
        }

        TlsClient client(SocketChannel channel) {
            return new TlsClient(this, channel);
        }

        private static SSLContext trusting() {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {new TrustingEveryone()}, null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has TLS", e);
            }
        }
    }

    private TlsClient(Shared shared, SocketChannel channel) {
        this.shared = shared;
        this.channel = channel;
        engine = shared.context.createSSLEngine();
        engine.setUseClientMode(true);
    }

    /** Begins the handshake. */
    void start() throws IOException {
        engine.beginHandshake();
        handshake();
    }

    /** {@return whether the handshake is done} */
    boolean isReady() {
        return ready;
    }

    /** {@return what {@code received} says, if anything} Valid until the next call of any. */
    ByteBuffer receive(ByteBuffer received) throws IOException {
        ByteBuffer in = shared.encrypted.clear().put(begun).put(received).flip();
        ByteBuffer plain = shared.plain.clear();
        Status status = Status.OK;
        while (status == Status.OK && in.hasRemaining()) {
            SSLEngineResult result = engine.unwrap(in, plain);
            status = result.getStatus();
            if (result.getHandshakeStatus() == HandshakeStatus.FINISHED) {
                ready = true;
            }
            handshake();
        }
        if (status == Status.CLOSED) {
            throw new EventLoop.ConnectionEndedException();
        }
        begun = in.hasRemaining() ? new byte[in.remaining()] : NONE;
        in.get(begun);
        return plain.flip();
    }

    /** Sends all of {@code bytes}, which are few enough for an empty socket buffer. */
    void send(ByteBuffer bytes) throws IOException {
        do {
            ByteBuffer packet = shared.outgoing.clear();
            SSLEngineResult result = engine.wrap(bytes, packet);
            if (result.getHandshakeStatus() == HandshakeStatus.FINISHED) {
                ready = true;
            }
            packet.flip();
            channel.write(packet);
            if (packet.hasRemaining()) {
                throw new IOException("the server does not read");
            }
        } while (bytes.hasRemaining());
    }

    private void handshake() throws IOException {
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> engine.getDelegatedTask().run();
                case NEED_WRAP -> send(NOTHING.duplicate());
                default -> {
                    return;
                }
            }
        }
    }

    private static final class TrustingEveryone implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {
            throw new IllegalStateException("not a server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
            // Its certificate is not what is measured.
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
