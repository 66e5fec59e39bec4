package dev.longwave.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/** A subscriber on a connection of its own, which begins with HTTP/1.1. */
final class Http1Subscriber implements EventLoop.Handler {
    /** How it reads. */
    enum Speed {
        /** What there is, at once. */
        PROMPT,
        /** A little at a time, when told to. */
        SLOW,
        /** Nothing once it has subscribed. */
        FROZEN
    }

    private static final int OPENING_BYTES = 512;
    private static final int SMALLEST_RECEIVE_BUFFER = 1;

    private final EventLoop loop;
    private final SubscriberCounts counts;
    private final EventStream stream;
    private final Speed speed;
    private final SocketChannel channel;
    private final Optional<TlsClient> tls;
    private final EventStream.Output output = this::write;
    private boolean asked;
    private boolean open;

    Http1Subscriber(
            EventLoop loop,
            Connector connector,
            SubscriberCounts counts,
            EventStream stream,
            Speed speed)
            throws IOException {
        this.loop = loop;
        this.counts = counts;
        this.stream = stream;
        this.speed = speed;
        channel = connector.connect(this, speed == Speed.PROMPT ? 0 : SMALLEST_RECEIVE_BUFFER);
        tls = connector.tls(channel);
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        if (key.isConnectable()) {
            channel.finishConnect();
            key.interestOps(SelectionKey.OP_READ);
            if (tls.isPresent()) {
                tls.get().start();
            } else {
                ask();
            }
            return;
        }
        if (open) {
            stream.read(received(loop.read(channel)), output);
        } else {
            readOpening(key);
        }
    }

    private void ask() throws IOException {
        asked = true;
        write(ByteBuffer.wrap(stream.request()));
    }

    /** Sends all of {@code bytes}, which are few enough for the socket's buffer. */
    private void write(ByteBuffer bytes) throws IOException {
        if (tls.isPresent()) {
            tls.get().send(bytes);
        } else {
            channel.write(bytes);
            if (bytes.hasRemaining()) {
                throw new IOException("the server does not read");
            }
        }
    }

    private ByteBuffer received(ByteBuffer bytes) throws IOException {
        return tls.isPresent() ? tls.get().receive(bytes) : bytes;
    }

    private void readOpening(SelectionKey key) throws IOException {
        ByteBuffer bytes =
                speed == Speed.PROMPT ? loop.read(channel) : loop.read(channel, OPENING_BYTES);
        stream.read(received(bytes), output);
        if (!asked && tls.isPresent() && tls.get().isReady()) {
            ask();
        }
        if (!stream.isOpen()) {
            return;
        }
        open = true;
        counts.opened();
        if (speed != Speed.PROMPT) {
            key.interestOps(0);
        }
    }

    /**
     * Reads a little, if it is {@linkplain Speed#SLOW slow}. {@return whether it is still there}
     */
    boolean readSome(int bytes) {
        try {
            if (open) {
                stream.read(loop.read(channel, bytes), output);
            }
            return true;
        } catch (IOException e) {
            EventLoop.close(loop.key(channel));
            failed(e);
            return false;
        }
    }

    boolean isOpen() {
        return open;
    }

    /** Sends {@code bytes}, all of them. {@return whether it is still there} */
    boolean send(ByteBuffer bytes) {
        try {
            write(bytes);
            return true;
        } catch (IOException e) {
            EventLoop.close(loop.key(channel));
            failed(e);
            return false;
        }
    }

    /** Leaves; not a failure. */
    void close() throws IOException {
        if (open) {
            open = false;
            counts.left();
        }
        channel.close();
    }

    @Override
    public void failed(IOException reason) {
        if (open) {
            open = false;
            counts.lost(1, String.valueOf(reason.getMessage()));
        } else {
            counts.refused(1, String.valueOf(reason.getMessage()));
        }
    }
}
