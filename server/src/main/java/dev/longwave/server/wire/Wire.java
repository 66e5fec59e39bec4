package dev.longwave.server.wire;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.socket.SocketWriter;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A connection as Helidon's protocol engines and its streams see it: the socket, the protocol
 * spoken, and its resets.
 */
public final class Wire implements ConnectionContext {

    /** The protocols that a response may have to be framed for. */
    public enum Protocol {
        HTTP_1_0,
        HTTP_1_1,
        HTTP_2
    }

    private static final long LAST_WRITE_MILLIS = 1_000;

    private final ChannelSocket socket;
    private final ListenerContext listener;
    private final Router router;
    private final DataWriter writer;
    private final @Nullable GatheringWriter shared; // the same, where streams share it
    private final DataReader reader;
    private final Protocol protocol;
    private final Resets resets;
    private final AtomicInteger openStreams;
    private boolean becameHttp2; // for the serving thread

    private Wire(
            ChannelSocket socket,
            ListenerContext listener,
            Router router,
            DataReader reader,
            Protocol protocol,
            Resets resets,
            AtomicInteger openStreams) {
        this.socket = socket;
        this.listener = listener;
        this.router = router;
        this.shared =
                protocol == Protocol.HTTP_2 ? new GatheringWriter(socket, openStreams::get) : null;
        this.writer = shared != null ? shared : SocketWriter.create(socket);
        this.reader = reader;
        this.protocol = protocol;
        this.resets = resets;
        this.openStreams = openStreams;
    }

    /** A connection of which nothing was read yet, taken for HTTP/1.1. */
    static Wire open(
            ChannelSocket socket, DataReader reader, ListenerContext listener, Router router) {
        return new Wire(
                socket,
                listener,
                router,
                reader,
                Protocol.HTTP_1_1,
                new Resets(),
                new AtomicInteger());
    }

    /** The same connection, found to speak HTTP/1.0 and read through {@code newReader}. */
    Wire http10(DataReader newReader) {
        return new Wire(
                socket, listener, router, newReader, Protocol.HTTP_1_0, resets, openStreams);
    }

    /**
     * The same connection, found to speak HTTP/2, from its beginning or after an upgrade. This one
     * no longer {@link #servesHttp11()}, whoever still holds it.
     */
    Wire http2() {
        becameHttp2 = true;
        var filter = new ResetFilter(resets::reset);
        return new Wire(
                socket,
                listener,
                router,
                DataReader.create(filter.filtering(reader)),
                Protocol.HTTP_2,
                resets,
                openStreams);
    }

    /** Whether requests of HTTP/1.1 are what comes on this connection. For the serving thread. */
    boolean servesHttp11() {
        return protocol == Protocol.HTTP_1_1 && !becameHttp2;
    }

    /** {@return the protocol spoken on this connection} */
    public Protocol protocol() {
        return protocol;
    }

    /** {@return the client's socket} */
    public ChannelSocket socket() {
        return socket;
    }

    /**
     * Notes that a stream of events is open on this HTTP/2 connection, until {@link #streamClosed}.
     *
     * @param id the stream's id, as the request gives it
     * @param onReset called once if the client resets the stream, now or later; by the connection's
     *     thread, so it must not block
     */
    public void streamOpened(int id, Runnable onReset) {
        openStreams.incrementAndGet();
        resets.listen(id, onReset);
    }

    /** Takes back {@link #streamOpened}. Once. */
    public void streamClosed(int id) {
        openStreams.decrementAndGet();
        resets.forget(id);
    }

    /**
     * {@return since when a write for the streams of this HTTP/2 connection takes, as {@link
     * System#nanoTime} has it; 0 if there is none, or each stream writes for itself} Any thread.
     */
    public long writingSince() {
        return shared == null ? 0 : shared.writingSince();
    }

    /** Ends the connection now, for all its streams. Any thread. */
    public void cut() {
        socket.close();
    }

    /** Waits until what the streams have written is sent, but not for long. */
    void awaitWritten() {
        if (shared != null) {
            shared.awaitWritten(LAST_WRITE_MILLIS);
        }
    }

    boolean hasOpenStreams() {
        return openStreams.get() > 0;
    }

    @Override
    public DataReader dataReader() {
        return reader;
    }

    @Override
    public DataWriter dataWriter() {
        return writer;
    }

    @Override
    public ListenerContext listenerContext() {
        return listener;
    }

    @Override
    public ExecutorService executor() {
        return listener.executor();
    }

    @Override
    public Router router() {
        return router;
    }

    @Override
    public HelidonSocket serverSocket() {
        return socket;
    }

    @Override
    public PeerInfo remotePeer() {
        return socket.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
        return socket.localPeer();
    }

    @Override
    public boolean isSecure() {
        return socket.isSecure();
    }

    @Override
    public String socketId() {
        return socket.socketId();
    }

    @Override
    public String childSocketId() {
        return socket.childSocketId();
    }
}
