package dev.longwave.server.ws;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.core.Event;
import dev.longwave.core.Format;

/** Nothing but the data of an event: text as a text message, other data as a binary one. */
final class BareFormat implements Format<WsFrame> {

    /** For clients that must offer a protocol. */
    static final String PROTOCOL = "longwave.v1";

    static final BareFormat EVENTS = new BareFormat();

    private BareFormat() {}

    @Override
    public WsFrame encode(Event event) {
        Entry entry = event.entry();
        if (entry == null) {
            throw new IllegalStateException("a gap has no data");
        }
        Message message = entry.message();
        return message.isText()
                ? WsFrame.text(this, message.data())
                : WsFrame.binary(this, message.data());
    }
}
