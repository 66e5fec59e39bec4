package dev.longwave.token;

import com.nimbusds.jose.shaded.gson.Strictness;
import com.nimbusds.jose.shaded.gson.stream.JsonReader;
import com.nimbusds.jose.shaded.gson.stream.JsonToken;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads JSON strictly: RFC 8259, in UTF-8, with each name once in its object. */
final class Json {
    /*
     * Nimbus's own parser keeps the last of two members with one name. Others keep the first, so that two programs
     * would read two tokens. The tokenizer inside Nimbus is used, so that there is none of our own.
     */
    private static final int MAX_DEPTH = 32;

    /** A text is not what is read here. The message contains nothing of it. */
    static final class Fault extends Exception {

        private static final long serialVersionUID = 1;

        private final boolean duplicateName;

        Fault(String message, boolean duplicateName) {
            super(message, null, false, false);
            this.duplicateName = duplicateName;
        }

        boolean isDuplicateName() {
            return duplicateName;
        }
    }

    private Json() {}

    static String text(Map<String, ? extends @Nullable Object> object) {
        return JSONObjectUtils.toJSONString(object);
    }

    static Map<String, @Nullable Object> object(byte[] utf8) throws Fault {
        try {
            return object(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
        } catch (CharacterCodingException _) {
            throw new Fault("not UTF-8", false);
        }
    }

    /**
     * {@return the members of an object: strings, booleans, nulls, a {@link Long} or {@link Double}
     * for a number, unmodifiable lists and maps}
     */
    static Map<String, @Nullable Object> object(String text) throws Fault {
        if (text.startsWith("\uFEFF")) {
            throw notJson(); // the tokenizer would skip a byte order mark
        }
        try (var reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.STRICT);
            reader.setNestingLimit(MAX_DEPTH);
            if (reader.peek() != JsonToken.BEGIN_OBJECT) {
                throw new Fault("not a JSON object", false);
            }
            Map<String, @Nullable Object> object = object(reader);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw notJson();
            }
            return object;
        } catch (IOException | IllegalStateException _) {
            throw notJson();
        }
    }

    private static Map<String, @Nullable Object> object(JsonReader reader)
            throws IOException, Fault {
        var members = new LinkedHashMap<String, @Nullable Object>();
        reader.beginObject();
        while (reader.hasNext()) {
            String name = unicode(reader.nextName());
            if (members.containsKey(name)) {
                throw new Fault("a name occurs twice in a JSON object", true);
            }
            members.put(name, value(reader));
        }
        reader.endObject();
        return Collections.unmodifiableMap(members);
    }

    private static @Nullable Object value(JsonReader reader) throws IOException, Fault {
        return switch (reader.peek()) {
            case BEGIN_OBJECT -> object(reader);
            case BEGIN_ARRAY -> array(reader);
            case STRING -> unicode(reader.nextString());
            case NUMBER -> number(reader.nextString());
            case BOOLEAN -> reader.nextBoolean();
            case NULL -> {
                reader.nextNull();
                yield null;
            }
            case END_ARRAY, END_OBJECT, NAME, END_DOCUMENT -> throw notJson();
        };
    }

    private static List<@Nullable Object> array(JsonReader reader) throws IOException, Fault {
        var elements = new ArrayList<@Nullable Object>();
        reader.beginArray();
        while (reader.hasNext()) {
            elements.add(value(reader));
        }
        reader.endArray();
        return Collections.unmodifiableList(elements);
    }

    private static Number number(String literal) throws Fault {
        try {
            return Long.valueOf(literal);
        } catch (NumberFormatException _) {
            double number = Double.parseDouble(literal);
            if (Double.isInfinite(number)) {
                throw new Fault("a number is out of range", false);
            }
            return number;
        }
    }

    private static String unicode(String text) throws Fault {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new Fault("half of a surrogate pair", false);
        }
        return text;
    }

    private static Fault notJson() {
        return new Fault("not valid JSON", false);
    }
}
