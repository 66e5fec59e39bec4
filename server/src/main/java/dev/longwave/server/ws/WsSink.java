package dev.longwave.server.ws;

import dev.longwave.core.CloseReason;
import dev.longwave.core.Cursors;
import dev.longwave.server.net.ResponseStream;
import dev.longwave.server.session.EndpointSink;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The writing side of one WebSocket. */
public final class WsSink extends EndpointSink<WsBatch> {

    /** How long a client may take to close its side. */
    private static final Duration CLOSING = Duration.ofSeconds(1);

    /** One that has broken a rule may not answer at all, but must get to know which. */
    private static final Duration CLOSING_AFTER_FAULT = Duration.ofMillis(200);

    private final String transport;
    private final WsConnection connection;
    private final Opening opening;
    private final Function<CloseReason, CloseStatus> statuses;
    private @Nullable ResponseStream upgrade; // until it is sent

    /** What a connection begins with. */
    @FunctionalInterface
    public interface Opening {

        /** {@return whole frames; empty for none} */
        byte[] frames(Cursors cursors);
    }

    /**
     * @param upgrade the response to the opening handshake
     * @param transport the word for the kind of stream; see {@link #transport()}
     * @param statuses what a client is told of a stream that ends by itself
     */
    public WsSink(
            ResponseStream upgrade,
            String transport,
            WsConnection connection,
            WsBatch.Framing framing,
            Opening opening,
            Function<CloseReason, CloseStatus> statuses) {
        super(upgrade, new WsBatch(framing));
        this.transport = transport;
        this.connection = connection;
        this.opening = opening;
        this.statuses = statuses;
        this.upgrade = upgrade;
    }

    @Override
    public boolean open(Cursors cursors, Runnable onClosed) {
        ResponseStream response = upgrade;
        upgrade = null;
        if (response == null) {
            throw new IllegalStateException("it was opened before");
        }
        endpoint.onReset(onClosed);
        begin(response.head(), ByteBuffer.wrap(opening.frames(cursors)));
        boolean direct = endpoint.enableDirectWrites();
        response.receive(connection);
        return direct;
    }

    @Override
    public String transport() {
        return transport;
    }

    /** RFC 6455, section 7.1.1: the server closes the connection, once both have said so. */
    @Override
    protected void sayFarewell(CloseReason reason) {
        writeRemainder();
        CloseStatus own = connection.closing();
        CloseStatus status = own == null ? statuses.apply(reason) : own;
        send(ByteBuffer.wrap(status.frame()));
        connection.awaitEnd(reason == CloseReason.CLIENT_FAULT ? CLOSING_AFTER_FAULT : CLOSING);
        endpoint.close();
    }
}
