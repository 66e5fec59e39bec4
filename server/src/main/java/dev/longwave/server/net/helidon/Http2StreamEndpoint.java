package dev.longwave.server.net.helidon;

import dev.longwave.server.net.Endpoint;
import dev.longwave.server.net.Receiver;
import io.helidon.webserver.http.spi.SinkProviderContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** One stream of an HTTP/2 connection, under Helidon's flow control. */
final class Http2StreamEndpoint implements Endpoint {

    private static final System.Logger LOGGER =
            System.getLogger(Http2StreamEndpoint.class.getName());
    private static final int READ_BYTES = 1 << 10;
    private static final Duration STOPPING = Duration.ofSeconds(1);

    private final EngineContext connection;
    private final GuardedStream stream;
    private final @Nullable InputStream input; // of a WebSocket
    private final OutputStream output;
    private final Runnable commit;
    private long sent; // bytes; for the writing thread, as the next two
    private boolean listening;
    private @Nullable Thread reader;

    /** Sends the headers. */
    Http2StreamEndpoint(EngineContext connection, SinkProviderContext context) {
        this.connection = connection;
        this.stream = connection.shared().stream(context.serverRequest().id());
        this.input =
                stream.isToWebSocket() ? context.serverRequest().content().inputStream() : null;
        this.output = context.serverResponse().outputStream();
        this.commit = context.closeRunnable();
        context.flushHeaders();
    }

    @Override
    public byte[] read() {
        throw new UnsupportedOperationException("the connection is read by its engine");
    }

    @Override
    public void sendElsewhere() {
        connection.shared().goAway();
    }

    @Override
    public void expireInput() {
        throw new UnsupportedOperationException("the connection is read by its engine");
    }

    @Override
    public void drain(int maxBytes, Duration atMost) {
        throw new UnsupportedOperationException("the connection is read by its engine");
    }

    /** Helidon has no way to tell that there is something to read: so a thread waits for it. */
    @Override
    public void receive(Receiver receiver) {
        InputStream source = input;
        if (source == null) {
            throw new UnsupportedOperationException("the client sends nothing more");
        }
        reader =
                Thread.ofVirtual().name("longwave-receiver").start(() -> receive(source, receiver));
    }

    private static void receive(InputStream source, Receiver receiver) {
        try {
            byte[] buffer = new byte[READ_BYTES];
            for (int count = source.read(buffer); count >= 0; count = source.read(buffer)) {
                if (count > 0) {
                    receiver.received(Arrays.copyOf(buffer, count));
                }
            }
        } catch (IOException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.TRACE, "the client is gone", e);
        }
        receiver.ended();
    }

    /** One write is one DATA frame. */
    @Override
    public void write(ByteBuffer bytes) {
        write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        bytes.position(bytes.limit());
    }

    private void write(byte[] array, int offset, int length) {
        sent += length;
        try {
            output.write(array, offset, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean enableDirectWrites() {
        return true;
    }

    /**
     * All streams of a connection have one. It may have to wait after all, if the client closes a
     * window at the same moment, but for its own client only.
     */
    @Override
    public Executor directWriteExecutor() {
        return connection.shared().directWrites();
    }

    /** All or nothing. */
    @Override
    public int tryWrite(byte[] array, int offset, int length) {
        if (!connection.shared().allows(stream, sent, length)) {
            return 0;
        }
        write(array, offset, length);
        return length;
    }

    @Override
    public void onReset(Runnable action) {
        listening = true;
        connection.shared().streamOpened(stream.id(), action);
    }

    @Override
    public int prefetch() {
        return (int) (stream.opened() + sent);
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
        Thread reading = reader;
        if (reading != null) {
            connection.shared().stopReading(stream.id());
            awaitEnd(reading);
        }
        if (listening) {
            connection.shared().streamClosed(stream.id());
        }
    }

    private static void awaitEnd(Thread reading) {
        try {
            var _ = reading.join(STOPPING);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
