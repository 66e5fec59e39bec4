package dev.longwave.server.ws;

import dev.longwave.core.Cursors;
import dev.longwave.core.Event;
import dev.longwave.core.Format;
import dev.longwave.core.Gap;

/**
 * Sends nothing but data. Where events are missing it cannot say so, and ends the connection, which
 * says it: no event behind the gap is sent.
 */
final class BareFraming implements RawFraming {

    /** The code that ends a connection without envelopes when events are missing. */
    static final int GAP = 4000;

    private static final byte[] NOTHING = {};
    private static final WsFrame NONE = WsFrame.nothing(BareFormat.EVENTS);
    private static final Format<WsFrame> DEFLATED = new DeflatedFormat(BareFormat.EVENTS);

    private final WsConnection connection;
    private final Format<WsFrame> format;

    BareFraming(WsConnection connection, boolean compression) {
        this.connection = connection;
        this.format = compression ? DEFLATED : BareFormat.EVENTS;
    }

    @Override
    public WsFrame frame(Event event, Cursors cursors) {
        Gap gap = event.gap();
        if (gap != null) {
            connection.close(new CloseStatus(GAP, "gap: " + gap.reason().word()));
        }
        return connection.closing() == null ? event.frame(format) : NONE;
    }

    @Override
    public byte[] heartbeat(Cursors cursors) {
        return connection.ping();
    }

    @Override
    public byte[] opening(Cursors cursors) {
        return NOTHING;
    }
}
