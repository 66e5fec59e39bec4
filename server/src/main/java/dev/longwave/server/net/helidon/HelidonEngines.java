package dev.longwave.server.net.helidon;

import dev.longwave.server.net.Endpoint;
import dev.longwave.server.net.Engine;
import dev.longwave.server.net.Engines;
import dev.longwave.server.net.Input;
import dev.longwave.server.net.PlatformThreads;
import dev.longwave.server.net.Protocol;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Helidon's engines for HTTP/1 and HTTP/2, with the routes that they serve. */
public final class HelidonEngines implements Engines {

    private static final Duration GRACE = Duration.ofMillis(500);

    private final ServerConnectionSelector http1;
    private final ServerConnectionSelector http2;
    private final ListenerContext listener;
    private final Router router;
    private final ExecutorService requestThreads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("longwave-http2-stream").factory());

    /**
     * Engines that serve {@code routing}.
     *
     * @param maxStreams how many requests one HTTP/2 connection may have open
     * @param writeDeadline how long HTTP/2 flow control may hold up a write
     */
    public HelidonEngines(HttpRouting.Builder routing, int maxStreams, Duration writeDeadline) {
        routing.addFilter(HelidonEngines::watch);
        routing.addFilter(HelidonEngines::closeIfAsked);
        var http2Config =
                Http2Config.builder()
                        .maxConcurrentStreams(maxStreams)
                        .flowControlTimeout(writeDeadline)
                        .build();
        this.http1 =
                Http1ConnectionSelector.builder()
                        .config(Http1Config.builder().sendKeepAliveHeader(false).build())
                        .addUpgrader(new H2cUpgrader(http2Config))
                        .build();
        this.http2 = Http2ConnectionSelector.builder().http2Config(http2Config).build();
        this.listener = ListenerServices.with(requestThreads);
        this.router = Router.builder().addRouting(routing).build();
        router.beforeStart();
    }

    /** Says for which HTTP/2 requests there is something to do, and ends streams that failed. */
    private static void watch(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        EngineContext connection = EngineContext.of(request);
        if (connection.protocol() != Protocol.HTTP_2) {
            chain.proceed();
            return;
        }
        connection.handle(request, chain::proceed);
        if (response.isSent() && response.bytesWritten() == 0) {
            throw new CloseConnectionException("the client did not take the response");
        }
    }

    /**
     * Helidon announces {@code Connection: close} and leaves closing to the client: RFC 9112,
     * section 9.6.
     */
    private static void closeIfAsked(
            FilterChain chain, RoutingRequest request, RoutingResponse response) {
        chain.proceed();
        if (request.headers().contains(HeaderNames.CONNECTION)
                && request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)
                && response.isSent()) {
            throw new CloseConnectionException("the client asked to close the connection");
        }
    }

    @Override
    public Engine engine(
            Protocol protocol,
            Endpoint endpoint,
            byte[] first,
            Input input,
            PlatformThreads platformThreads) {
        byte[] begin = protocol == Protocol.HTTP_1_0 ? Http10.translated(first) : first;
        var engine = new HelidonEngine(input, platformThreads, this::connection);
        DataReader reader = DataReader.create(new Following(begin, engine::read));
        return engine.serving(EngineContext.open(endpoint, listener, router, protocol, reader));
    }

    private ServerConnection connection(EngineContext context) {
        return context.protocol() == Protocol.HTTP_2
                ? http2.connection(context)
                : http1.connection(context);
    }

    @Override
    public void close() {
        requestThreads.shutdown(); // their connections have ended, and they find out
        try {
            if (!requestThreads.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                requestThreads.shutdownNow();
            }
        } catch (InterruptedException _) {
            requestThreads.shutdownNow();
            Thread.currentThread().interrupt();
        }
        router.afterStop();
    }

    /** What was read before, and then what comes. For one thread. */
    private static final class Following implements Supplier<byte @Nullable []> {
        private byte @Nullable [] first;
        private final Supplier<byte @Nullable []> next;

        Following(byte[] first, Supplier<byte @Nullable []> next) {
            this.first = first;
            this.next = next;
        }

        @Override
        public byte @Nullable [] get() {
            byte[] begin = first;
            if (begin != null) {
                first = null;
                return begin;
            }
            return next.get();
        }
    }
}
