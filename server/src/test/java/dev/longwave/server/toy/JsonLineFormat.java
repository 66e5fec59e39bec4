package dev.longwave.server.toy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Entry;
import dev.longwave.core.Event;
import dev.longwave.core.Format;
import dev.longwave.core.Frame;
import dev.longwave.core.Gap;
import dev.longwave.server.http.Json;
import java.nio.charset.StandardCharsets;

/** An event as a line of JSON, with everything but the ID, which depends on the stream. */
final class JsonLineFormat implements Format<JsonLineFormat.Line> {

    static final JsonLineFormat LINES = new JsonLineFormat();

    /** What follows the ID in a line. */
    static final class Line extends Frame {
        final byte[] rest;

        private Line(Format<?> format, ObjectNode members) {
            super(format);
            String json = new String(Json.bytes(members), StandardCharsets.UTF_8);
            this.rest = (',' + json.substring(1) + '\n').getBytes(StandardCharsets.UTF_8);
        }
    }

    private JsonLineFormat() {}

    @Override
    public Line encode(Event event) {
        ObjectNode members = Json.object().put("topic", event.subscribed());
        Entry entry = event.entry();
        Gap gap = event.gap();
        if (entry != null) {
            members.put("data", new String(entry.message().data(), StandardCharsets.UTF_8));
        } else if (gap != null) {
            members.put("gap", gap.reason().word());
        }
        return new Line(this, members);
    }
}
