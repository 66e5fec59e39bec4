package dev.longwave.server.net.helidon;

import dev.longwave.server.net.Endpoint;
import io.helidon.webserver.http.spi.SinkProviderContext;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/** One stream of an HTTP/2 connection, under Helidon's flow control. */
final class Http2StreamEndpoint implements Endpoint {

    private final EngineContext connection;
    private final int id;
    private final OutputStream output;
    private final Runnable commit;
    private boolean listening; // for the writing thread

    /** Sends the headers. */
    Http2StreamEndpoint(EngineContext connection, SinkProviderContext context) {
        this.connection = connection;
        this.id = context.serverRequest().id();
        this.output = context.serverResponse().outputStream();
        this.commit = context.closeRunnable();
        context.flushHeaders();
    }

    @Override
    public byte[] read() {
        throw new UnsupportedOperationException("the connection is read by its engine");
    }

    @Override
    public void drain(int maxBytes, Duration atMost) {
        throw new UnsupportedOperationException("the connection is read by its engine");
    }

    /** One write is one DATA frame. */
    @Override
    public void write(ByteBuffer bytes) {
        try {
            output.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            bytes.position(bytes.limit());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Helidon's flow control may wait. */
    @Override
    public boolean enableDirectWrites() {
        return false;
    }

    @Override
    public int tryWrite(byte[] array, int offset, int length) {
        throw new UnsupportedOperationException("direct writes are not enabled");
    }

    @Override
    public void onReset(Runnable action) {
        listening = true;
        connection.shared().streamOpened(id, action);
    }

    @Override
    public int prefetch() {
        return id;
    }

    @Override
    public InetSocketAddress peer() {
        return connection.endpoint().peer();
    }

    @Override
    public Optional<SSLSession> tls() {
        return connection.endpoint().tls();
    }

    /** Ends the stream, so that the client knows it for complete. */
    @Override
    public void close() {
        commit.run();
    }

    /** Nothing more will be written. */
    void release() {
        if (listening) {
            connection.shared().streamClosed(id);
        }
    }
}
