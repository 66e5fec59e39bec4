package dev.longwave.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/** A subscriber on a connection of its own. */
final class Http1Subscriber implements EventLoop.Handler {
    /** How it reads. */
    enum Speed {
        /** What there is, at once. */
        PROMPT,
        /** A little at a time, when told to. */
        SLOW,
        /** Nothing after the headers. */
        FROZEN
    }

    private static final int HEAD_BYTES = 512;
    private static final int SMALLEST_RECEIVE_BUFFER = 1;

    private final EventLoop loop;
    private final SubscriberCounts counts;
    private final Requests requests;
    private final Subscription subscription;
    private final Speed speed;
    private final HttpResponse response;
    private final SocketChannel channel;
    private final Optional<TlsClient> tls;
    private boolean asked;
    private boolean open;

    Http1Subscriber(
            EventLoop loop,
            Connector connector,
            SubscriberCounts counts,
            Requests requests,
            Subscription subscription,
            Speed speed)
            throws IOException {
        this.loop = loop;
        this.counts = counts;
        this.requests = requests;
        this.subscription = subscription;
        this.speed = speed;
        response = new HttpResponse(subscription.scanner()::scan);
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
            response.read(received(loop.read(channel)));
        } else {
            readHead(key);
        }
        if (response.isComplete()) {
            throw new EventLoop.ConnectionEndedException();
        }
    }

    private void ask() throws IOException {
        asked = true;
        ByteBuffer request = ByteBuffer.wrap(requests.subscribe(subscription.topic()));
        if (tls.isPresent()) {
            tls.get().send(request);
        } else {
            channel.write(request);
        }
    }

    private ByteBuffer received(ByteBuffer bytes) throws IOException {
        return tls.isPresent() ? tls.get().receive(bytes) : bytes;
    }

    private void readHead(SelectionKey key) throws IOException {
        response.read(
                received(
                        speed == Speed.PROMPT
                                ? loop.read(channel)
                                : loop.read(channel, HEAD_BYTES)));
        if (!asked && tls.isPresent() && tls.get().isReady()) {
            ask();
        }
        if (!response.hasHead()) {
            return;
        }
        if (response.status() != 200) {
            throw new IOException("status " + response.status());
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
                response.read(loop.read(channel, bytes));
            }
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
