package dev.longwave.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/** A keep-alive connection with at most one request in flight. Reconnects when it breaks. */
final class PublisherConnection implements EventLoop.Handler {
    /** Learns what happens to the connection. */
    interface Callback {
        /** The connection is ready for a request. */
        void idle(PublisherConnection connection);

        /** The connection is not {@link #idle} any more: it broke. */
        void broken(PublisherConnection connection);

        /** A request failed. */
        void failed(String reason);
    }

    private static final int REQUEST_BYTES = 1024;
    private static final int SUCCESS_BEGINS = 200;
    private static final int SUCCESS_ENDS = 300;

    private final EventLoop loop;
    private final Connector connector;
    private final Callback callback;
    private final Outgoing outgoing = new Outgoing(REQUEST_BYTES);
    private final HttpResponse response = new HttpResponse((_, _, _) -> {});
    private SocketChannel channel;
    private Optional<TlsClient> tls;
    private boolean busy;
    private boolean connected;

    PublisherConnection(EventLoop loop, Connector connector, Callback callback) throws IOException {
        this.loop = loop;
        this.connector = connector;
        this.callback = callback;
        channel = connector.connect(this);
        tls = connector.tls(channel);
    }

    /** {@return room for {@code length} bytes of a request, to be followed by {@link #send}} */
    ByteBuffer room(int length) {
        return outgoing.room(length);
    }

    boolean hasUnsent() {
        return !outgoing.isEmpty();
    }

    /** Sends what was put into {@link #room}. */
    void send() {
        busy = true;
        SelectionKey key = loop.key(channel);
        try {
            if (tls.isPresent()) {
                outgoing.write(tls.get());
            } else {
                outgoing.write(key);
            }
        } catch (IOException e) {
            EventLoop.close(key);
            failed(e);
        }
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        if (key.isConnectable()) {
            channel.finishConnect();
            key.interestOps(SelectionKey.OP_READ);
            if (tls.isPresent()) {
                tls.get().start();
            } else {
                connected();
            }
            return;
        }
        if (key.isWritable()) {
            outgoing.write(key);
        }
        if (key.isReadable()) {
            response.read(received());
            if (response.isComplete()) {
                answered();
            }
        }
    }

    private void connected() {
        connected = true;
        callback.idle(this);
    }

    private ByteBuffer received() throws IOException {
        ByteBuffer bytes = loop.read(channel);
        if (tls.isEmpty()) {
            return bytes;
        }
        ByteBuffer plain = tls.get().receive(bytes);
        if (!connected && tls.get().isReady()) {
            connected();
        }
        return plain;
    }

    private void answered() {
        int status = response.status();
        response.reset();
        busy = false;
        if (status < SUCCESS_BEGINS || status >= SUCCESS_ENDS) {
            callback.failed("status " + status);
        }
        callback.idle(this);
    }

    @Override
    public void failed(IOException reason) {
        if (connected && !busy) {
            callback.broken(this);
        } else {
            callback.failed(String.valueOf(reason.getMessage()));
        }
        busy = false;
        connected = false;
        outgoing.clear();
        response.reset();
        try {
            channel = connector.connect(this);
            tls = connector.tls(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
