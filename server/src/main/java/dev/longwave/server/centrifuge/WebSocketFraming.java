package dev.longwave.server.centrifuge;

import dev.longwave.core.Cursors;
import dev.longwave.core.Event;
import dev.longwave.server.ws.WsBatch;
import dev.longwave.server.ws.WsFrame;

/** What the frames of one WebSocket are. */
final class WebSocketFraming implements WsBatch.Framing {

    private static final WsFrame NOTHING = WsFrame.nothing(CentrifugeFormat.PUSHES);

    private final Connection connection;

    WebSocketFraming(Connection connection) {
        this.connection = connection;
    }

    @Override
    public WsFrame frame(Event event, Cursors cursors) {
        return connection.admits(event) ? event.frame(CentrifugeFormat.PUSHES) : NOTHING;
    }

    @Override
    public byte[] heartbeat(Cursors cursors) {
        return WebSocketTransport.INSTANCE.framed(connection.ping());
    }

    @Override
    public void sent() {
        connection.bytesTaken();
    }
}
