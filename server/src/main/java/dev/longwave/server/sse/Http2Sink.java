package dev.longwave.server.sse;

import dev.longwave.core.SseBatch;
import dev.longwave.server.wire.Wire;
import io.helidon.webserver.http.spi.SinkProviderContext;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** A stream among others on one connection, under Helidon's flow control. */
final class Http2Sink implements SseSink {

    private final Wire wire;
    private final OutputStream output;
    private final Runnable commit;

    /** Sends the headers. */
    Http2Sink(Wire wire, SinkProviderContext context) {
        this.wire = wire;
        this.output = context.serverResponse().outputStream();
        this.commit = context.closeRunnable();
        context.flushHeaders();
    }

    Wire wire() {
        return wire;
    }

    @Override
    public SseBatch.Framing framing() {
        return SseBatch.Framing.PLAIN;
    }

    @Override
    public Http2Sink emit(SseBatch batch) {
        try {
            // One write is one DATA frame.
            output.write(batch.array(), batch.offset(), batch.length());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    @Override
    public void close() {
        commit.run();
    }
}
