package dev.longwave.server.centrifuge;

import dev.longwave.core.Outbox;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.auth.Purpose;
import dev.longwave.server.http.Allowance;
import dev.longwave.server.http.Body;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.StreamHeaders;
import dev.longwave.server.net.ResponseStream;
import dev.longwave.server.net.helidon.Exchange;
import dev.longwave.server.session.Sessions;
import io.helidon.http.Method;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/**
 * {@code POST /connection/http_stream} and {@code GET /connection/sse}: a connection of the
 * protocol whose client sends its first command with the request, and all others to {@link
 * EmulationHandler}.
 */
final class StreamHandler implements Handler {

    /** The parameter with the first command, where that is not the body. */
    static final String CONNECT = "cf_connect";

    private final HttpTransport transport;
    private final Services services;
    private final Timers timers;
    private final Sessions sessions;
    private final EmulatedConnections emulated;
    private final Memory memory;

    StreamHandler(
            HttpTransport transport,
            Services services,
            Timers timers,
            Sessions sessions,
            EmulatedConnections emulated,
            Memory memory) {
        this.transport = transport;
        this.services = services;
        this.timers = timers;
        this.sessions = sessions;
        this.emulated = emulated;
        this.memory = memory;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        if (sessions.draining()) {
            throw Problem.draining(services.reconnects().spreadSeconds()).exception();
        }
        Identity client = services.access().identify(request, Purpose.WEBSOCKET);
        byte[] first = first(request);
        checkConnect(first);
        Outbox<HttpBatch> outbox = services.hub().open();
        var connection =
                new Connection(
                        services,
                        timers,
                        outbox,
                        transport,
                        client,
                        Secrets.next(),
                        Secrets.next());
        ResponseStream stream;
        try {
            StreamHeaders.set(response, transport.contentType());
            stream = Exchange.of(request).takeOver(response);
        } catch (RuntimeException e) {
            end(connection, outbox);
            throw e;
        }
        var sink = new HttpSink(stream, connection, transport);
        stream.serve(body(connection, outbox, sink, first));
    }

    /** Answers {@code HEAD}: with the headers of a stream, without a connection. */
    void head(ServerRequest request, ServerResponse response) {
        var _ = services.access().identify(request, Purpose.OTHER);
        StreamHeaders.set(response, transport.contentType());
        response.send();
    }

    private byte[] first(ServerRequest request) {
        if (request.prologue().method().equals(Method.GET)) {
            return Query.of(request)
                    .value(CONNECT)
                    .orElseThrow(() ->
                            Problem.malformedParameter(
                                            CONNECT, CONNECT + " must be a connect command")
                                    .exception())
                    .getBytes(StandardCharsets.UTF_8);
        }
        int max = services.settings().maxMessageBytes();
        try (Allowance allowance = memory.forRequest(request)) {
            return Body.bytes(request, memory, allowance, max, () -> Problem.bodyTooLarge(max));
        }
    }

    /** Its answer waits for nobody, so there must be no more than one. */
    private static void checkConnect(byte[] first) {
        try {
            if (Command.parse(first, 0, first.length).method().equals("connect")) {
                return;
            }
        } catch (DisconnectException _) {
            // Answered below.
        }
        throw Problem.malformedJson("the request must hold a connect command and nothing else")
                .exception();
    }

    private BooleanSupplier body(
            Connection connection, Outbox<HttpBatch> outbox, HttpSink sink, byte[] first) {
        return () -> {
            try {
                emulated.add(connection);
                connection.receive(first, false);
                return sessions.serve(outbox, sink, connection.standing(), connection::holds);
            } finally {
                emulated.remove(connection);
                end(connection, outbox);
            }
        };
    }

    private void end(Connection connection, Outbox<HttpBatch> outbox) {
        services.hub().release(outbox);
        connection.end();
    }
}
