package dev.longwave.server.centrifuge;

import dev.longwave.core.CloseReason;
import dev.longwave.core.Outbox;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.auth.Purpose;
import dev.longwave.server.http.Memory;
import dev.longwave.server.http.Problem;
import dev.longwave.server.http.Responses;
import dev.longwave.server.net.Deadlines;
import dev.longwave.server.net.ResponseStream;
import dev.longwave.server.session.Sessions;
import dev.longwave.server.ws.CloseStatus;
import dev.longwave.server.ws.Handshake;
import dev.longwave.server.ws.WsBatch;
import dev.longwave.server.ws.WsConnection;
import dev.longwave.server.ws.WsFault;
import dev.longwave.server.ws.WsSink;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.BooleanSupplier;

/** {@code GET /connection/websocket}: the protocol over a WebSocket. */
final class WebSocketHandler implements Handler {

    private static final String PROTOCOL = "centrifuge-json";
    private static final byte[] NOTHING = {};

    private final Services services;
    private final Timers timers;
    private final Sessions sessions;
    private final Deadlines deadlines;
    private final Memory memory;

    WebSocketHandler(
            Services services,
            Timers timers,
            Sessions sessions,
            Deadlines deadlines,
            Memory memory) {
        this.services = services;
        this.timers = timers;
        this.sessions = sessions;
        this.deadlines = deadlines;
        this.memory = memory;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        if (sessions.draining()) {
            throw Problem.draining(services.reconnects().spreadSeconds()).exception();
        }
        // First what uses up no ticket.
        Handshake handshake = Handshake.of(request, response, List.of(PROTOCOL), false);
        Identity client = services.access().identify(request, Purpose.WEBSOCKET);
        Outbox<WsBatch> outbox = services.hub().open();
        var connection =
                new Connection(
                        services,
                        timers,
                        outbox,
                        WebSocketTransport.INSTANCE,
                        client,
                        Secrets.next(),
                        "");
        ResponseStream upgrade;
        try {
            upgrade = handshake.accept(response.header(Responses.NO_REFERRER));
        } catch (RuntimeException e) {
            end(connection, outbox);
            throw e;
        }
        upgrade.serve(body(connection, outbox, sink(connection, outbox, upgrade)));
    }

    private WsSink sink(Connection connection, Outbox<WsBatch> outbox, ResponseStream upgrade) {
        InetSocketAddress peer = upgrade.endpoint().peer();
        int max = services.settings().maxMessageBytes();
        var receiving =
                new WsConnection(
                        outbox,
                        false,
                        new WsConnection.Bounds(max, deadlines),
                        () -> memory.forConnection(peer),
                        _ -> new Messages(connection));
        return new WsSink(
                upgrade,
                "centrifuge-websocket",
                receiving,
                new WebSocketFraming(connection),
                _ -> NOTHING,
                reason -> status(connection, reason));
    }

    private static CloseStatus status(Connection connection, CloseReason reason) {
        Disconnect why = connection.disconnect(reason);
        return new CloseStatus(why.code(), why.reason());
    }

    private record Messages(Connection connection) implements WsConnection.Messages {

        @Override
        public void text(byte[] utf8) {
            connection.receive(utf8, true);
        }

        @Override
        public void binary(byte[] data) {
            Disconnect why = Disconnect.INAPPROPRIATE_PROTOCOL;
            throw new WsFault(why.code(), why.reason());
        }
    }

    private BooleanSupplier body(Connection connection, Outbox<WsBatch> outbox, WsSink sink) {
        return () -> {
            try {
                return sessions.serve(outbox, sink, connection.standing(), connection::holds);
            } finally {
                end(connection, outbox);
            }
        };
    }

    private void end(Connection connection, Outbox<WsBatch> outbox) {
        services.hub().release(outbox);
        connection.end();
    }
}
