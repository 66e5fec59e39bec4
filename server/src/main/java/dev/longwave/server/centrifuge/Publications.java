package dev.longwave.server.centrifuge;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Events as publications of the protocol.
 *
 * <p>Data that is JSON is embedded as it is. Other text is a string, and binary data is one in
 * base64, with the tag {@code encoding}. The tags {@code type} and {@code topic} hold the event's
 * type, and its own topic if it came by a pattern; the other tags are the event's attributes.
 */
final class Publications {

    private static final String JSON = "application/json";
    private static final int MARGIN_BYTES = 200;

    private Publications() {}

    /** {@return {@code entry} as JSON, without a line break} */
    static byte[] json(Entry entry) {
        return json(entry, StreamOffset.of(entry.position()));
    }

    /** {@return the same for an ephemeral event, which has no place in a stream} */
    static byte[] ephemeral(Entry entry) {
        return json(entry, OptionalLong.empty());
    }

    private static byte[] json(Entry entry, OptionalLong place) {
        Message message = entry.message();
        var json = new JsonBytes(message.size() + MARGIN_BYTES).raw("{\"data\":");
        boolean embedded = addData(json, message);
        place.ifPresent(offset -> json.raw(",\"offset\":").number(offset));
        addTags(json, tags(entry, embedded));
        return json.raw("}").toArray();
    }

    /** Adds several, as an array. */
    static void add(JsonBytes json, List<Entry> entries) {
        json.raw("[");
        for (int i = 0; i < entries.size(); i++) {
            if (i > 0) {
                json.raw(",");
            }
            json.raw(json(entries.get(i)));
        }
        json.raw("]");
    }

    /** Whether the data is embedded, since it is JSON. */
    private static boolean addData(JsonBytes json, Message message) {
        byte[] data = message.data();
        if (!message.isText()) {
            json.string(Base64.getEncoder().encode(data));
            return false;
        }
        if (isJson(message)) {
            json.raw(onOneLine(data));
            return true;
        }
        json.string(data);
        return false;
    }

    /**
     * Text that nobody calls JSON is taken for it if it is an object or an array: a number or a
     * word stays the text that it is.
     */
    private static boolean isJson(Message message) {
        byte[] data = message.data();
        @Nullable String type = message.contentType().orElse(null);
        if (type != null && !isJson(type)) {
            return false;
        }
        int start = JsonGrammar.spaceEnd(data, 0, data.length);
        boolean container = start < data.length && (data[start] == '{' || data[start] == '[');
        return (container || type != null) && JsonSlice.parse(data).isPresent();
    }

    private static boolean isJson(String contentType) {
        int parameters = contentType.indexOf(';');
        String essence = (parameters < 0 ? contentType : contentType.substring(0, parameters));
        String type = essence.strip();
        return type.equalsIgnoreCase(JSON)
                || type.regionMatches(true, type.length() - 5, "+json", 0, 5);
    }

    /**
     * Frames are lines. Valid JSON has its line breaks between values, where a space is the same.
     */
    private static byte[] onOneLine(byte[] json) {
        int at = lineBreak(json, 0);
        if (at == json.length) {
            return json;
        }
        byte[] line = json.clone();
        while (at < line.length) {
            line[at] = ' ';
            at = lineBreak(json, at + 1);
        }
        return line;
    }

    private static int lineBreak(byte[] text, int from) {
        int at = from;
        while (at < text.length && text[at] != '\n' && text[at] != '\r') {
            at++;
        }
        return at;
    }

    private static Map<String, String> tags(Entry entry, boolean embedded) {
        Message message = entry.message();
        var tags = new LinkedHashMap<String, String>();
        message.attributes().forEach(tags::put);
        if (embedded) {
            tags.remove(Attributes.CONTENT_TYPE, JSON); // which says nothing that is not plain
        }
        if (message.type() != null) {
            tags.put("type", message.type());
        }
        if (entry.topic() != null) {
            tags.put("topic", entry.topic());
        }
        if (!message.isText()) {
            tags.put("encoding", "base64");
        }
        return tags;
    }

    private static void addTags(JsonBytes json, Map<String, String> tags) {
        if (tags.isEmpty()) {
            return;
        }
        json.raw(",\"tags\":");
        char separator = '{';
        for (Map.Entry<String, String> tag : tags.entrySet()) {
            json.raw(String.valueOf(separator)).string(tag.getKey()).raw(":");
            json.string(tag.getValue());
            separator = ',';
        }
        json.raw("}");
    }
}
