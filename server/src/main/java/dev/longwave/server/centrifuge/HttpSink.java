package dev.longwave.server.centrifuge;

import dev.longwave.core.CloseReason;
import dev.longwave.core.Cursors;
import dev.longwave.server.net.Chunks;
import dev.longwave.server.net.ResponseStream;
import dev.longwave.server.session.EndpointSink;
import java.nio.ByteBuffer;

/** Writes the protocol as the body of a response, over whichever version of HTTP. */
final class HttpSink extends EndpointSink<HttpBatch> {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final boolean chunked;
    private final Connection connection;
    private final HttpTransport transport;
    private final byte[] head;

    HttpSink(ResponseStream response, Connection connection, HttpTransport transport) {
        super(response, new HttpBatch(connection, transport, response.chunked()));
        this.chunked = response.chunked();
        this.head = response.head();
        this.connection = connection;
        this.transport = transport;
    }

    @Override
    public boolean open(Cursors cursors, Runnable onClosed) {
        endpoint.onReset(onClosed);
        begin(head, NOTHING.duplicate());
        return endpoint.enableDirectWrites();
    }

    @Override
    public String transport() {
        return transport.word();
    }

    @Override
    protected void sayFarewell(CloseReason reason) {
        writeRemainder();
        var closing = new HttpBatch(connection, transport, chunked);
        closing.addText(Push.disconnect(connection.disconnect(reason)), 0);
        send(closing.bytes());
        if (chunked) {
            send(ByteBuffer.wrap(Chunks.LAST));
        }
        endpoint.close();
    }
}
