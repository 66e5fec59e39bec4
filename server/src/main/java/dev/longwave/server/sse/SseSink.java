package dev.longwave.server.sse;

import dev.longwave.core.SseBatch;
import dev.longwave.server.wire.Wire;
import io.helidon.common.GenericType;
import io.helidon.webserver.http.spi.Sink;
import io.helidon.webserver.http.spi.SinkProviderContext;

/**
 * Writes an event stream: bytes that are encoded and framed already, one write per batch. For one
 * thread at a time.
 */
sealed interface SseSink extends Sink<SseBatch> permits Http1Sink, Http2Sink {

    GenericType<SseSink> TYPE = GenericType.create(SseSink.class);

    static SseSink create(SinkProviderContext context) {
        Wire wire = (Wire) context.connectionContext();
        return wire.protocol() == Wire.Protocol.HTTP_2
                ? new Http2Sink(wire, context)
                : new Http1Sink(wire, context.serverResponse());
    }

    /** How batches for this sink must be framed. */
    SseBatch.Framing framing();

    /**
     * Writes a finished batch. Blocks while the client does not read.
     *
     * @throws RuntimeException of several kinds, as Helidon throws them, if the client is gone
     */
    @Override
    SseSink emit(SseBatch batch);

    /** Ends the stream, so that the client knows it for complete. */
    @Override
    void close();
}
