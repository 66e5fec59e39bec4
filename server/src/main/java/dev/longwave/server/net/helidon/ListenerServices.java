package dev.longwave.server.net.helidon;

import io.helidon.common.context.Context;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.http.DirectHandlers;
import java.util.concurrent.ExecutorService;

/** What Helidon's protocol engines want of the listener that their connections came through. */
record ListenerServices(
        ListenerConfig config,
        MediaContext mediaContext,
        ContentEncodingContext contentEncodingContext,
        DirectHandlers directHandlers,
        Context context,
        ExecutorService executor)
        implements ListenerContext {

    static ListenerServices with(ExecutorService executor) {
        return new ListenerServices(
                // A stream's batches must not be held back.
                ListenerConfig.builder().writeBufferSize(0).buildPrototype(),
                MediaContext.create(),
                // Chunks that are framed already cannot be compressed on the way out.
                ContentEncodingContext.builder().contentEncodingsDiscoverServices(false).build(),
                DirectHandlers.create(),
                Context.create(),
                executor);
    }
}
