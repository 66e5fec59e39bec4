package dev.longwave.server.ws;

import dev.longwave.core.Event;
import dev.longwave.core.Format;
import dev.longwave.server.http.EventJson;
import dev.longwave.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Events as JSON objects, in the sub-protocol {@value #PROTOCOL}: with {@code topic}, {@code type},
 * {@code data}, {@code attributes}, and {@code id}; gaps with {@code topic}, {@code gap}, and
 * {@code id}.
 *
 * <p>Ephemeral events have no ID. It comes last, so that what stands before it is the same for all
 * streams.
 */
final class EnvelopeFormat implements Format<WsFrame> {

    static final String PROTOCOL = "longwave.v1.json";

    static final EnvelopeFormat EVENTS = new EnvelopeFormat();

    private static final String ID = ",\"id\":\"";
    private static final String END = "\"}";

    private EnvelopeFormat() {}

    @Override
    public WsFrame encode(Event event) {
        byte[] json = Json.bytes(EventJson.object(event));
        if (event.ephemeral()) {
            return WsFrame.text(this, json);
        }
        byte[] begin = Arrays.copyOf(json, json.length - 1); // without the brace
        return WsFrame.text(this, withId(begin, event.id()), begin.length);
    }

    /** The same frame with another ID: that of a stream of several topics. */
    static WsFrame withId(WsFrame frame, String id) {
        byte[] begin = Arrays.copyOfRange(frame.bytes, frame.payload, frame.payload + frame.tail);
        return WsFrame.text(EVENTS, withId(begin, id), begin.length);
    }

    private static byte[] withId(byte[] begin, String id) {
        byte[] end = (ID + id + END).getBytes(StandardCharsets.US_ASCII);
        byte[] whole = Arrays.copyOf(begin, begin.length + end.length);
        System.arraycopy(end, 0, whole, begin.length, end.length);
        return whole;
    }

    /** What tells a client where its stream stands, without an event. */
    static byte[] cursor(String id) {
        return ServerFrame.of(Opcode.TEXT, Json.bytes(Json.object().put("cursor", id)));
    }
}
