package dev.longwave.server.centrifuge;

import dev.longwave.core.CloseReason;
import dev.longwave.core.Cursors;
import dev.longwave.server.net.Endpoint;
import dev.longwave.server.net.ResponseStream;
import dev.longwave.server.session.BatchWriter;
import dev.longwave.server.session.Sink;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes the protocol as the body of a response, over whichever version of HTTP. */
final class HttpSink implements Sink<HttpBatch> {

    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Endpoint endpoint;
    private final BatchWriter writer;
    private final boolean chunked;
    private final Connection connection;
    private final HttpTransport transport;
    private final HttpBatch batch;
    private byte[] head;

    HttpSink(ResponseStream response, Connection connection, HttpTransport transport) {
        this.endpoint = response.endpoint();
        this.writer = new BatchWriter(endpoint);
        this.chunked = response.chunked();
        this.head = response.head();
        this.connection = connection;
        this.transport = transport;
        this.batch = new HttpBatch(connection, transport, chunked);
    }

    @Override
    public HttpBatch batch() {
        return batch;
    }

    @Override
    public boolean open(Cursors cursors, Runnable onClosed) {
        endpoint.onReset(onClosed);
        if (head.length > 0) {
            endpoint.write(ByteBuffer.wrap(head));
        }
        head = new byte[0];
        return endpoint.enableDirectWrites();
    }

    @Override
    public void write(HttpBatch events) {
        writer.write(events);
    }

    @Override
    public boolean tryWrite(HttpBatch events) {
        return writer.tryWrite(events);
    }

    @Override
    public int prefetch() {
        return writer.prefetch() + (batch.isEmpty() ? 0 : 1);
    }

    @Override
    public void end(CloseReason reason) {
        writer.writeRemainder();
        var closing = new HttpBatch(connection, transport, chunked);
        closing.addText(Push.disconnect(connection.disconnect(reason)), 0);
        endpoint.write(closing.bytes());
        if (chunked) {
            endpoint.write(ByteBuffer.wrap(LAST_CHUNK));
        }
        endpoint.close();
    }
}
