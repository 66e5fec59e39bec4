package dev.longwave.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The little JSON that the command line needs. It uses Jackson's streaming API alone, which loads
 * fewer classes than the server's {@code Json} and so starts faster.
 */
final class Json {

    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /** Writes the members of an object. */
    @FunctionalInterface
    interface Members {
        void write(JsonGenerator json) throws IOException;
    }

    /** {@return an object as compact text, without a line break} */
    static String object(Members members) {
        var text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            json.writeStartObject();
            members.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /**
     * {@return an object as text for people, over several lines}
     *
     * @param object strings, numbers, booleans, nulls, lists, and maps
     */
    static String pretty(Map<String, ? extends @Nullable Object> object) {
        var text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text).useDefaultPrettyPrinter()) {
            write(json, object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
        switch (value) {
            case Map<?, ?> members -> {
                json.writeStartObject();
                for (Map.Entry<?, ?> member : members.entrySet()) {
                    json.writeFieldName(String.valueOf(member.getKey()));
                    write(json, member.getValue());
                }
                json.writeEndObject();
            }
            case List<?> elements -> {
                json.writeStartArray();
                for (Object element : elements) {
                    write(json, element);
                }
                json.writeEndArray();
            }
            case String text -> json.writeString(text);
            case Long number -> json.writeNumber(number);
            case Double number -> json.writeNumber(number);
            case Boolean truth -> json.writeBoolean(truth);
            case null -> json.writeNull();
            default -> throw new IllegalArgumentException("not JSON type=" + value.getClass());
        }
    }

    /**
     * {@return the members of {@code text} if it is one JSON object, by name: the text of a string,
     * the literal of a number, true, false or null, and nothing for an object or an array}
     */
    static Optional<Map<String, String>> members(String text) {
        try (JsonParser json = FACTORY.createParser(text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            var members = new LinkedHashMap<String, String>();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                boolean scalar = json.nextToken().isScalarValue();
                members.put(name, scalar ? json.getText() : "");
                json.skipChildren();
            }
            return json.nextToken() == null ? Optional.of(members) : Optional.empty();
        } catch (JsonProcessingException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
