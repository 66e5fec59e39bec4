package dev.longwave.server.net.helidon;

import dev.longwave.server.net.Endpoint;
import dev.longwave.server.net.Protocol;
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

/** A connection as Helidon's engines and the handlers behind them see it. */
final class EngineContext implements ConnectionContext {

    private static final long LAST_WRITE_MILLIS = 1_000;

    private final Endpoint endpoint;
    private final HelidonSocket socket;
    private final ListenerContext listener;
    private final Router router;
    private final Protocol protocol;
    private final DataReader reader;
    private final DataWriter writer;
    private final @Nullable GatheringWriter shared; // the same, where streams share it
    private final Streams streams;
    private volatile @Nullable EngineContext upgraded;
    private volatile boolean pausesAllowed;

    /** What the streams of one connection share, before and after an upgrade to HTTP/2. */
    private record Streams(Resets resets, AtomicInteger open, ResetFilter filter) {

        static Streams create() {
            var resets = new Resets();
            return new Streams(resets, new AtomicInteger(), new ResetFilter(resets::reset));
        }
    }

    private EngineContext(
            Endpoint endpoint,
            ListenerContext listener,
            Router router,
            Protocol protocol,
            DataReader reader,
            Streams streams) {
        this.endpoint = endpoint;
        this.socket = new EngineSocket(endpoint);
        this.listener = listener;
        this.router = router;
        this.protocol = protocol;
        this.streams = streams;
        boolean http2 = protocol == Protocol.HTTP_2;
        this.shared = http2 ? new GatheringWriter(endpoint, streams.open()::get) : null;
        this.writer = shared != null ? shared : SocketWriter.create(socket);
        this.reader = http2 ? DataReader.create(streams.filter().filtering(reader)) : reader;
    }

    /** A connection that speaks {@code protocol} from its first byte. */
    static EngineContext open(
            Endpoint endpoint,
            ListenerContext listener,
            Router router,
            Protocol protocol,
            DataReader reader) {
        return new EngineContext(endpoint, listener, router, protocol, reader, Streams.create());
    }

    /** The same connection after its upgrade to HTTP/2. */
    EngineContext http2() {
        var http2 = new EngineContext(endpoint, listener, router, Protocol.HTTP_2, reader, streams);
        upgraded = http2;
        return http2;
    }

    /** The context that serves the connection now: another one after an upgrade. */
    EngineContext present() {
        EngineContext other = upgraded;
        return other == null ? this : other;
    }

    Protocol protocol() {
        return protocol;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** Says whether the body of the present request may pause for as long as an idle client may. */
    void allowPauses(boolean allowed) {
        pausesAllowed = allowed;
    }

    boolean pausesAllowed() {
        return pausesAllowed;
    }

    /**
     * Notes that a response that lasts is open on this HTTP/2 connection, until {@link
     * #streamClosed}.
     *
     * @param id the stream's ID, as the request gives it
     * @param onReset called once if the client resets the stream, now or later; by the connection's
     *     thread, so it must not block
     */
    void streamOpened(int id, Runnable onReset) {
        streams.open().incrementAndGet();
        streams.resets().listen(id, onReset);
    }

    /** Takes back {@link #streamOpened}. Once. */
    void streamClosed(int id) {
        streams.open().decrementAndGet();
        streams.resets().forget(id);
    }

    boolean hasOpenStreams() {
        return streams.open().get() > 0;
    }

    /** Whether an HTTP/2 client has begun a request and not finished it. */
    boolean awaitsRest() {
        return streams.filter().hasIncomplete();
    }

    /** Waits until what the streams have written is sent, but not for long. */
    void awaitWritten() {
        if (shared != null) {
            shared.awaitWritten(LAST_WRITE_MILLIS);
        }
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
