package dev.longwave.server.net.helidon;

import dev.longwave.server.net.Endpoint;
import dev.longwave.server.net.Protocol;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.context.Context;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.ServerRequest;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A connection as Helidon's engines and the handlers behind them see it. */
final class EngineContext implements ConnectionContext, ListenerContext {
    /*
     * It is also what handlers see as the listener, so that a request leads to its connection: see of().
     */

    private static final long LAST_WRITE_MILLIS = 1_000;

    private final Endpoint endpoint;
    private final HelidonSocket socket;
    private final ListenerContext listener;
    private final Router router;
    private final Protocol protocol;
    private final @Nullable RequestReader requests; // with HTTP/1
    private final DataReader reader;
    private final DataWriter writer;
    private final @Nullable GatheringWriter shared; // the same, where streams share it
    private final Streams streams;
    private volatile @Nullable EngineContext upgraded;

    /** What the streams of one connection share, before and after an upgrade to HTTP/2. */
    private record Streams(
            Resets resets, ResetFilter filter, Requests requests, AtomicInteger open) {

        static Streams create() {
            var resets = new Resets();
            return new Streams(
                    resets, new ResetFilter(resets::reset), new Requests(), new AtomicInteger());
        }
    }

    private EngineContext(
            Endpoint endpoint,
            ListenerContext listener,
            Router router,
            DataReader reader,
            Streams streams) {
        this.endpoint = endpoint;
        this.socket = new EngineSocket(endpoint);
        this.listener = listener;
        this.router = router;
        this.protocol = Protocol.HTTP_2;
        this.requests = null;
        this.streams = streams;
        this.shared = new GatheringWriter(endpoint, streams.open()::get);
        this.writer = shared;
        this.reader = DataReader.create(streams.filter().filtering(reader));
    }

    private EngineContext(
            Endpoint endpoint,
            ListenerContext listener,
            Router router,
            RequestReader requests,
            DataWriter answers) {
        this.endpoint = endpoint;
        this.socket = new EngineSocket(endpoint);
        this.listener = listener;
        this.router = router;
        this.protocol = Protocol.HTTP_1;
        this.requests = requests;
        this.streams = Streams.create();
        this.shared = null;
        this.writer = answers;
        this.reader = DataReader.create(requests);
    }

    /** A connection that speaks HTTP/2 from its first byte. */
    static EngineContext http2(
            Endpoint endpoint, ListenerContext listener, Router router, DataReader reader) {
        return new EngineContext(endpoint, listener, router, reader, Streams.create());
    }

    /** A connection that speaks HTTP/1. */
    static EngineContext http1(
            Endpoint endpoint,
            ListenerContext listener,
            Router router,
            RequestReader requests,
            DataWriter answers) {
        return new EngineContext(endpoint, listener, router, requests, answers);
    }

    /** The connection that {@code request} came by. */
    static EngineContext of(ServerRequest request) {
        return (EngineContext) request.listenerContext();
    }

    /** The same connection after its upgrade to HTTP/2. */
    EngineContext http2() {
        if (requests != null) {
            requests.upgrade();
        }
        var http2 = new EngineContext(endpoint, listener, router, reader, streams);
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

    /** What reads the requests of a connection with HTTP/1; null with HTTP/2. */
    @Nullable RequestReader requests() {
        return requests;
    }

    /**
     * One more request may pause within its body for as long as an idle client may, or one less.
     */
    void allowPauses(boolean allowed) {
        streams.requests().allowPauses(allowed);
    }

    boolean pausesAllowed() {
        return streams.requests().pausesAllowed();
    }

    /** Has an HTTP/2 request handled: until {@code handler} returns, the connection is not idle. */
    void handle(RoutingRequest request, Runnable handler) {
        int id = request.id();
        var body = new AtomicReference<@Nullable RequestBody>();
        request.streamFilter(in -> {
            RequestBody guarded =
                    streams.requests().body(in, () -> streams.filter().hasArrived(id));
            body.set(guarded);
            return guarded;
        });
        streams.requests().begin();
        try {
            handler.run();
        } finally {
            streams.requests().end();
            streams.filter().answered(id);
            RequestBody read = body.get();
            if (read != null) {
                streams.requests().forget(read);
            }
        }
    }

    /** The client sends nothing any more, and nothing can be written. */
    void end() {
        streams.requests().lose();
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

    /** Whether an HTTP/2 connection has nothing to read, to handle, or to write. */
    boolean isIdle() {
        return streams.requests().none()
                && !awaitsRest()
                && (shared == null || !shared.isWriting());
    }

    /** Whether an HTTP/2 client has begun a request or a frame, and has not finished it. */
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
        return this;
    }

    @Override
    public ListenerConfig config() {
        return listener.config();
    }

    @Override
    public MediaContext mediaContext() {
        return listener.mediaContext();
    }

    @Override
    public ContentEncodingContext contentEncodingContext() {
        return listener.contentEncodingContext();
    }

    @Override
    public DirectHandlers directHandlers() {
        return listener.directHandlers();
    }

    @Override
    public Context context() {
        return listener.context();
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
