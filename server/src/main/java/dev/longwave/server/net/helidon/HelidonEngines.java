package dev.longwave.server.net.helidon;

import dev.longwave.server.net.ClientFaults;
import dev.longwave.server.net.Deadlines;
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

    /** What Helidon may see of a head that was checked, and that grew with its target. */
    private static final int MAX_LINE_BYTES = 4 * RequestHead.MAX_LINE_BYTES;

    private static final int MAX_HEAD_BYTES = 4 * RequestHead.MAX_BYTES;

    private final ServerConnectionSelector http1;
    private final ServerConnectionSelector http2;
    private final ListenerContext listener;
    private final Router router;
    private final Http2Services services;
    private final ClientFaults faults;
    private final ExecutorService requestThreads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("longwave-http2-stream").factory());

    /**
     * Engines that serve {@code routing}.
     *
     * @param maxStreams how many requests one HTTP/2 connection may have open
     * @param deadlines end what makes no progress on one stream of an HTTP/2 connection
     * @param faults is told what clients do wrong
     */
    public HelidonEngines(
            HttpRouting.Builder routing, int maxStreams, Deadlines deadlines, ClientFaults faults) {
        this.faults = faults;
        this.services = new Http2Services(maxStreams, deadlines, faults);
        routing.addFilter(HelidonEngines::watch);
        var http2Config =
                Http2Config.builder()
                        .maxConcurrentStreams(maxStreams)
                        .flowControlTimeout(deadlines.limits().write())
                        .validatePath(false) // the guard has
                        .validateRequestHeaders(false)
                        .maxRapidResets(-1)
                        .build();
        this.http1 =
                Http1ConnectionSelector.builder()
                        .config(http1Config())
                        .addUpgrader(new H2cUpgrader(http2Config))
                        .build();
        this.http2 = Http2ConnectionSelector.builder().http2Config(http2Config).build();
        this.listener = ListenerServices.with(requestThreads);
        this.router = Router.builder().addRouting(routing).build();
        router.beforeStart();
    }

    /** {@link RequestReader} checks what Helidon would check. */
    private static Http1Config http1Config() {
        return Http1Config.builder()
                .sendKeepAliveHeader(false)
                .validatePath(false)
                .validatePrologue(false)
                .validateRequestHeaders(false)
                .maxPrologueLength(MAX_LINE_BYTES)
                .maxHeadersSize(MAX_HEAD_BYTES)
                .build();
    }

    /** Says for which HTTP/2 requests there is something to do, and ends streams that failed. */
    private static void watch(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        EngineContext connection = EngineContext.of(request);
        RequestReader requests = connection.requests();
        if (requests != null) {
            watch(requests, chain, response);
            return;
        }
        connection.shared().handle(request, response, chain::proceed);
        if (response.isSent() && response.bytesWritten() == 0) {
            throw new CloseConnectionException("the client did not take the response");
        }
    }

    /** Has an answer say that the connection ends with it, and end it if the answer says so. */
    private static void watch(RequestReader requests, FilterChain chain, RoutingResponse response) {
        response.beforeSend(() -> {
            if (requests.saysThatItEnds()) {
                response.headers().set(HeaderValues.CONNECTION_CLOSE);
            }
        });
        chain.proceed();
        if (response.headers().contains(HeaderNames.CONNECTION)) {
            requests.finish();
        }
    }

    @Override
    public Engine engine(
            Protocol protocol,
            Endpoint endpoint,
            byte[] first,
            Input input,
            PlatformThreads platformThreads) {
        var engine = new HelidonEngine(input, platformThreads, this::connection);
        if (protocol == Protocol.HTTP_2) {
            DataReader reader = DataReader.create(new Following(first, engine::read));
            return engine.serving(
                    EngineContext.http2(endpoint, listener, router, reader, services));
        }
        var answers = new AnswerWriter(new EngineSocket(endpoint));
        var requests =
                new RequestReader(
                        new ReceivedBytes(first, engine::read), endpoint, answers, faults, input);
        return engine.serving(
                EngineContext.http1(endpoint, listener, router, requests, answers, services));
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
