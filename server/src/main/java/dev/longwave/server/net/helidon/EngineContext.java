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
import io.helidon.webserver.http.ServerRequest;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A connection as Helidon's engines and the handlers behind them see it. */
final class EngineContext implements ConnectionContext, ListenerContext {
    /*
     * It is also what handlers see as the listener, so that a request leads to its connection: see of().
     */

    private final Endpoint endpoint;
    private final HelidonSocket socket;
    private final ListenerContext listener;
    private final Router router;
    private final Protocol protocol;
    private final @Nullable RequestReader requests; // with HTTP/1
    private final DataReader reader;
    private final DataWriter writer;
    private final @Nullable SharedConnection shared; // with HTTP/2
    private final Http2Services services;
    private final AtomicInteger pauses = new AtomicInteger(); // with HTTP/1
    private volatile @Nullable EngineContext upgraded;

    /**
     * @param requests with HTTP/1
     * @param shared with HTTP/2
     */
    private EngineContext(
            Endpoint endpoint,
            ListenerContext listener,
            Router router,
            @Nullable RequestReader requests,
            @Nullable SharedConnection shared,
            DataReader reader,
            DataWriter writer,
            Http2Services services) {
        this.endpoint = endpoint;
        this.socket = new EngineSocket(endpoint);
        this.listener = listener;
        this.router = router;
        this.protocol = shared == null ? Protocol.HTTP_1 : Protocol.HTTP_2;
        this.requests = requests;
        this.shared = shared;
        this.reader = reader;
        this.writer = writer;
        this.services = services;
    }

    /**
     * A connection that speaks HTTP/2.
     *
     * @param source what the client sends from now on
     */
    static EngineContext http2(
            Endpoint endpoint,
            ListenerContext listener,
            Router router,
            DataReader source,
            Http2Services services) {
        var shared = new SharedConnection(endpoint, services, source);
        return new EngineContext(
                endpoint,
                listener,
                router,
                null,
                shared,
                shared.reader(),
                shared.writer(),
                services);
    }

    /**
     * A connection that speaks HTTP/1.
     *
     * @param services for its HTTP/2, if it is upgraded
     */
    static EngineContext http1(
            Endpoint endpoint,
            ListenerContext listener,
            Router router,
            RequestReader requests,
            DataWriter answers,
            Http2Services services) {
        return new EngineContext(
                endpoint,
                listener,
                router,
                requests,
                null,
                DataReader.create(requests),
                answers,
                services);
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
        EngineContext http2 = http2(endpoint, listener, router, reader, services);
        http2.shared().upgraded();
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

    /** What the streams of a connection that speaks HTTP/2 share. */
    SharedConnection shared() {
        SharedConnection connection = shared;
        if (connection == null) {
            throw new IllegalStateException("the connection does not speak HTTP/2");
        }
        return connection;
    }

    /** What reads the requests of a connection with HTTP/1; null with HTTP/2. */
    @Nullable RequestReader requests() {
        return requests;
    }

    /**
     * A request may pause within its body for as long as an idle client may, or no longer.
     *
     * @param id the request's, as the engine gives it
     */
    void allowPauses(int id, boolean allowed) {
        if (shared != null) {
            shared.allowPauses(id, allowed);
        } else {
            pauses.addAndGet(allowed ? 1 : -1);
        }
    }

    /** Whether an HTTP/1 client may pause. */
    boolean pausesAllowed() {
        return pauses.get() > 0;
    }

    /** The client sends nothing any more, and nothing can be written. */
    void end() {
        if (shared != null) {
            shared.end();
        }
    }

    /** Waits until what the streams have written is sent, but not for long. */
    void awaitWritten() {
        if (shared != null) {
            shared.awaitWritten();
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
        return shared == null ? listener.executor() : shared.threads(listener.executor());
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
