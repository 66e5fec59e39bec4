package dev.longwave.server.centrifuge;

import dev.longwave.server.ws.WsFrame;

/** How a WebSocket carries the protocol: each text message is one JSON text or more, one a line. */
final class WebSocketTransport implements Transport {

    static final WebSocketTransport INSTANCE = new WebSocketTransport();

    private WebSocketTransport() {}

    @Override
    public byte[] framed(byte[] lines) {
        return WsFrame.text(CentrifugeFormat.PUSHES, lines).bytes();
    }

    @Override
    public boolean wantsPongs() {
        return true;
    }
}
