package dev.longwave.server.ws;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.core.Event;
import dev.longwave.core.Format;
import dev.longwave.core.Gap;
import dev.longwave.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Events as JSON objects, in the sub-protocol {@value #PROTOCOL}: with {@code topic}, {@code type},
 * {@code data}, {@code attributes}, and {@code id}; gaps with {@code topic}, {@code gap}, and
 * {@code id}.
 *
 * <p>The ID comes last, so that what stands before it is the same for all streams.
 */
final class EnvelopeFormat implements Format<WsFrame> {

    static final String PROTOCOL = "longwave.v1.json";

    static final EnvelopeFormat EVENTS = new EnvelopeFormat();

    private static final String ID = ",\"id\":\"";
    private static final String END = "\"}";

    private EnvelopeFormat() {}

    @Override
    public WsFrame encode(Event event) {
        byte[] json = Json.bytes(object(event));
        byte[] begin = Arrays.copyOf(json, json.length - 1); // without the brace
        return WsFrame.text(this, withId(begin, event.id()), begin.length);
    }

    private static ObjectNode object(Event event) {
        Entry entry = event.entry();
        if (entry != null) {
            return message(event, entry);
        }
        Gap gap = event.gap();
        if (gap == null) {
            throw new IllegalStateException("where a log begins is not for clients");
        }
        return Json.object()
                .put("topic", event.subscribed())
                .put("gap", gap.reason().word())
                .put("after", gap.after() == null ? null : event.id(gap.after()))
                .put("before", event.id(gap.before()));
    }

    private static ObjectNode message(Event event, Entry entry) {
        Message message = entry.message();
        String topic = entry.topic();
        ObjectNode object = Json.object().put("topic", topic == null ? event.subscribed() : topic);
        if (message.type() != null) {
            object.put("type", message.type());
        }
        if (message.isText()) {
            object.put("data", new String(message.data(), StandardCharsets.UTF_8));
        } else {
            object.put("data", Base64.getEncoder().encodeToString(message.data()));
            object.put("encoding", "base64");
        }
        if (!message.attributes().isEmpty()) {
            ObjectNode attributes = object.putObject("attributes");
            message.attributes().forEach(attributes::put);
        }
        return object;
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
