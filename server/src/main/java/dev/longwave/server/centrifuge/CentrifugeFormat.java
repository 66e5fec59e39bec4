package dev.longwave.server.centrifuge;

import dev.longwave.broker.Entry;
import dev.longwave.core.Event;
import dev.longwave.core.Format;
import dev.longwave.server.ws.WsFrame;

/**
 * Events as pushes of the protocol. A frame is what a WebSocket sends; the other transports send
 * its payload.
 */
final class CentrifugeFormat implements Format<WsFrame> {

    static final CentrifugeFormat PUSHES = new CentrifugeFormat();

    private CentrifugeFormat() {}

    @Override
    public WsFrame encode(Event event) {
        Entry entry = event.entry();
        if (entry == null) {
            throw new IllegalStateException("only messages are pushed");
        }
        byte[] publication =
                event.ephemeral() ? Publications.ephemeral(entry) : Publications.json(entry);
        return WsFrame.text(
                this,
                Push.to(event.subscribed(), publication.length)
                        .raw(",\"pub\":")
                        .raw(publication)
                        .raw("}}")
                        .toArray());
    }
}
