package dev.longwave.server.sse;

import dev.longwave.core.SseBatch;
import dev.longwave.server.wire.Wire;
import io.helidon.common.GenericType;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.Header;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http.spi.Sink;
import io.helidon.webserver.http.spi.SinkProviderContext;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Writes an event stream: bytes that are encoded and framed already, one write per batch. Creating
 * it sends the headers. For one thread.
 */
final class SseSink implements Sink<SseBatch> {

    static final GenericType<SseSink> TYPE = GenericType.create(SseSink.class);

    private static final byte[] STATUS_LINE =
            "HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CR_LF = "\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Wire wire;
    private final OutputStream output;
    private final Runnable commit;

    SseSink(SinkProviderContext context) {
        this.wire = (Wire) context.connectionContext();
        this.commit = context.closeRunnable();
        ServerResponse response = context.serverResponse();
        if (wire.protocol() == Wire.Protocol.HTTP_1_0) {
            this.output = OutputStream.nullOutputStream();
            wire.dataWriter().writeNow(http10Headers(response));
        } else {
            this.output = response.outputStream();
            context.flushHeaders();
        }
    }

    /** How batches for this sink must be framed. */
    SseBatch.Framing framing() {
        return wire.protocol() == Wire.Protocol.HTTP_1_1
                ? SseBatch.Framing.CHUNKED
                : SseBatch.Framing.PLAIN;
    }

    /** Whether other streams are on the same connection. */
    boolean sharesConnection() {
        return wire.protocol() == Wire.Protocol.HTTP_2;
    }

    Wire wire() {
        return wire;
    }

    /**
     * Writes a finished batch. Blocks while the client does not read.
     *
     * @throws RuntimeException of several kinds, as Helidon throws them, if the client is gone
     */
    @Override
    public SseSink emit(SseBatch batch) {
        if (sharesConnection()) {
            try {
                // One write is one DATA frame.
                output.write(batch.array(), batch.offset(), batch.length());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        } else {
            // The connection itself: chunks are framed already, and HTTP/1.0 has none. The array
            // may be
            // shared; the reading position is the wrapper's own.
            wire.dataWriter()
                    .writeNow(BufferData.create(batch.array(), batch.offset(), batch.length()));
        }
        return this;
    }

    /** Ends the stream, so that the client knows it for complete. */
    @Override
    public void close() {
        if (wire.protocol() == Wire.Protocol.HTTP_1_0) {
            throw new CloseConnectionException("the connection's end is the end of the response");
        }
        commit.run();
    }

    private static BufferData http10Headers(ServerResponse response) {
        BufferData headers = BufferData.growing(256);
        headers.write(STATUS_LINE);
        for (Header header : response.headers()) {
            header.writeHttp1Header(headers);
        }
        headers.write("Connection: close\r\n".getBytes(StandardCharsets.US_ASCII));
        headers.write(CR_LF);
        return headers;
    }
}
