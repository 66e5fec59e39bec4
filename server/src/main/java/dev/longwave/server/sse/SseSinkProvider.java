package dev.longwave.server.sse;

import dev.longwave.core.SseBatch;
import io.helidon.common.GenericType;
import io.helidon.common.media.type.MediaType;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http.spi.Sink;
import io.helidon.webserver.http.spi.SinkProvider;
import io.helidon.webserver.http.spi.SinkProviderContext;
import java.util.function.BiConsumer;

/** Gives Helidon our sink. Public for {@link java.util.ServiceLoader} alone. */
@SuppressWarnings("TypeParameterUnusedInFormals") // Helidon's signatures
public final class SseSinkProvider implements SinkProvider<SseBatch> {

    @Override
    public boolean supports(GenericType<? extends Sink<?>> type, ServerRequest request) {
        return SseSink.TYPE.equals(type);
    }

    @Override
    @SuppressWarnings("unchecked") // supports() is what ties X to SseSink
    public <X extends Sink<SseBatch>> X create(SinkProviderContext context) {
        return (X) SseSink.create(context);
    }

    @Override
    @Deprecated
    @SuppressWarnings("removal")
    public <X extends Sink<SseBatch>> X create(
            ServerResponse response,
            BiConsumer<Object, MediaType> eventConsumer,
            Runnable closeRunnable) {
        throw new IllegalStateException("replaced by create(SinkProviderContext)");
    }
}
