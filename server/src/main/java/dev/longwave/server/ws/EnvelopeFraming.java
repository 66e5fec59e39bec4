package dev.longwave.server.ws;

import dev.longwave.core.Cursors;
import dev.longwave.core.Event;
import dev.longwave.core.Format;
import java.util.Arrays;

/** Sends events as JSON objects, and with each heartbeat where the stream stands. */
final class EnvelopeFraming implements RawFraming {

    private static final Format<WsFrame> DEFLATED = new DeflatedFormat(EnvelopeFormat.EVENTS);

    private final WsConnection connection;
    private final boolean compression;

    EnvelopeFraming(WsConnection connection, boolean compression) {
        this.connection = connection;
        this.compression = compression;
    }

    @Override
    public WsFrame frame(Event event, Cursors cursors) {
        if (cursors.count() == 1) {
            return event.frame(compression ? DEFLATED : EnvelopeFormat.EVENTS);
        }
        return EnvelopeFormat.withId(event.frame(EnvelopeFormat.EVENTS), cursors.id());
    }

    @Override
    public byte[] heartbeat(Cursors cursors) {
        byte[] ping = connection.ping();
        byte[] cursor = opening(cursors);
        byte[] both = Arrays.copyOf(ping, ping.length + cursor.length);
        System.arraycopy(cursor, 0, both, ping.length, cursor.length);
        return both;
    }

    /** A client that is cut off before the first event begins again where it began. */
    @Override
    public byte[] opening(Cursors cursors) {
        return EnvelopeFormat.cursor(cursors.id());
    }
}
