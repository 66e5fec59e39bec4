package dev.longwave.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes events of lines.
 *
 * @param json whether the lines are JSON objects, else each line is the data of an event
 * @param idPrefix what the message ids start with; no other run may use it
 * @param type the events' type, empty for none; a JSON line's own wins
 * @param key the events' key, empty for none; a JSON line's own wins
 */
record LineFormat(boolean json, String idPrefix, String type, String key) {

    /**
     * {@return the event of a line, or nothing if it had to be a JSON object in UTF-8 and is none}
     * A line that is not UTF-8 is binary data: it arrives byte for byte.
     */
    Optional<Line> line(long number, byte[] bytes) {
        Optional<String> decoded = decoded(bytes);
        if (!json) {
            return Optional.of(
                    new Line(
                            number,
                            Json.object(event -> {
                                writeDefaults(event, number, Set.of());
                                if (decoded.isPresent()) {
                                    event.writeStringField("data", decoded.get());
                                } else {
                                    event.writeStringField("encoding", "base64");
                                    event.writeBinaryField("data", bytes);
                                }
                            })));
        }
        return decoded.flatMap(text -> object(number, text));
    }

    private static Optional<String> decoded(byte[] bytes) {
        try {
            return Optional.of(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException _) {
            return Optional.empty();
        }
    }

    private Optional<Line> object(long number, String text) {
        return Json.members(text)
                .map(members -> new Line(number, completed(number, text, members)));
    }

    /** {@return an event without data that ends the topic} */
    Line end(long number) {
        return new Line(
                number,
                Json.object(event -> {
                    writeDefaults(event, number, Set.of());
                    event.writeStringField("data", "");
                    event.writeBooleanField("end", true);
                }));
    }

    /**
     * Puts what is missing in front, and leaves the text as it is: no number is read and rewritten.
     */
    private String completed(long number, String text, Map<String, String> members) {
        String missing = Json.object(event -> writeDefaults(event, number, members.keySet()));
        String head = missing.substring(0, missing.length() - 1);
        String tail = text.strip().substring(1);
        boolean comma = head.length() > 1 && !members.isEmpty();
        return comma ? head + ',' + tail : head + tail;
    }

    private void writeDefaults(JsonGenerator event, long number, Set<String> given)
            throws IOException {
        if (!given.contains("id")) {
            event.writeStringField("id", idPrefix + '-' + number);
        }
        if (!type.isEmpty() && !given.contains("type")) {
            event.writeStringField("type", type);
        }
        if (!key.isEmpty() && !given.contains("key")) {
            event.writeStringField("key", key);
        }
    }
}
