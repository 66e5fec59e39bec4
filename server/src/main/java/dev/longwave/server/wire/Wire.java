package dev.longwave.server.wire;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;

/** A connection as its streams see it: Helidon's context, the protocol spoken, and its resets. */
public final class Wire implements ConnectionContext {

    /** The protocols that a response may have to be framed for. */
    public enum Protocol {
        HTTP_1_0,
        HTTP_1_1,
        HTTP_2
    }

    private final ConnectionContext delegate;
    private final DataReader reader;
    private final Protocol protocol;
    private final Resets resets;
    private final AtomicInteger openStreams = new AtomicInteger();

    private Wire(ConnectionContext delegate, Protocol protocol, DataReader reader, Resets resets) {
        this.delegate = delegate;
        this.protocol = protocol;
        this.reader = reader;
        this.resets = resets;
    }

    static Wire http10(ConnectionContext context, DataReader reader) {
        return new Wire(context, Protocol.HTTP_1_0, reader, new Resets());
    }

    static Wire http11(ConnectionContext context) {
        return new Wire(context, Protocol.HTTP_1_1, context.dataReader(), new Resets());
    }

    static Wire http2(ConnectionContext context) {
        var resets = new Resets();
        var filter = new ResetFilter(resets::reset);
        return new Wire(
                context,
                Protocol.HTTP_2,
                DataReader.create(filter.filtering(context.dataReader())),
                resets);
    }

    /** {@return the protocol spoken on this connection} */
    public Protocol protocol() {
        return protocol;
    }

    /**
     * Notes that a stream of events is open on this connection, until {@link #streamClosed}.
     *
     * @param id the stream's id, as the request gives it
     * @param onReset called once if the client resets the stream, now or later; by the connection's
     *     thread, so it must not block
     */
    public void streamOpened(int id, Runnable onReset) {
        openStreams.incrementAndGet();
        if (protocol == Protocol.HTTP_2) {
            resets.listen(id, onReset);
        }
    }

    /** Takes back {@link #streamOpened}. Once. */
    public void streamClosed(int id) {
        openStreams.decrementAndGet();
        resets.forget(id);
    }

    boolean hasOpenStreams() {
        return openStreams.get() > 0;
    }

    @Override
    public DataReader dataReader() {
        return reader;
    }

    @Override
    public ListenerContext listenerContext() {
        return delegate.listenerContext();
    }

    @Override
    public ExecutorService executor() {
        return delegate.executor();
    }

    @Override
    public DataWriter dataWriter() {
        return delegate.dataWriter();
    }

    @Override
    public Router router() {
        return delegate.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
        return delegate.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
        return delegate.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
        return delegate.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
        return delegate.localPeer();
    }

    @Override
    public boolean isSecure() {
        return delegate.isSecure();
    }

    @Override
    public String socketId() {
        return delegate.socketId();
    }

    @Override
    public String childSocketId() {
        return delegate.childSocketId();
    }
}
