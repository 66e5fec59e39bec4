package dev.longwave.server.ws;

import dev.longwave.core.Event;
import dev.longwave.core.Format;

/** The frames of another format, compressed once for all connections. */
final class DeflatedFormat implements Format<WsFrame> {

    private final Format<WsFrame> plain;

    DeflatedFormat(Format<WsFrame> plain) {
        this.plain = plain;
    }

    @Override
    public WsFrame encode(Event event) {
        return plain.encode(event).deflated(this);
    }
}
