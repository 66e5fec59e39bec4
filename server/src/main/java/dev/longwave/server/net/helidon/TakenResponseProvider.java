package dev.longwave.server.net.helidon;

import io.helidon.common.GenericType;
import io.helidon.common.media.type.MediaType;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http.spi.Sink;
import io.helidon.webserver.http.spi.SinkProvider;
import io.helidon.webserver.http.spi.SinkProviderContext;
import java.util.function.BiConsumer;

/** Has Helidon make a {@link TakenResponse}. Public for {@link java.util.ServiceLoader} alone. */
@SuppressWarnings("TypeParameterUnusedInFormals") // Helidon's signatures
public final class TakenResponseProvider implements SinkProvider<byte[]> {

    @Override
    public boolean supports(GenericType<? extends Sink<?>> type, ServerRequest request) {
        return TakenResponse.TYPE.equals(type);
    }

    @Override
    @SuppressWarnings("unchecked") // supports() is what ties X to Exchange
    public <X extends Sink<byte[]>> X create(SinkProviderContext context) {
        return (X) new TakenResponse(context);
    }

    @Override
    @Deprecated
    @SuppressWarnings("removal")
    public <X extends Sink<byte[]>> X create(
            ServerResponse response,
            BiConsumer<Object, MediaType> eventConsumer,
            Runnable closeRunnable) {
        throw new IllegalStateException("replaced by create(SinkProviderContext)");
    }
}
