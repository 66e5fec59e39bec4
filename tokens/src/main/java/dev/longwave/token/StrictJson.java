package dev.longwave.token;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON as tokens have it. A name that is given twice is refused: which one counts is anybody's
 * guess.
 */
final class StrictJson {

    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .build();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private StrictJson() {}

    /**
     * {@return the object that {@code bytes} are, without members that are null}
     *
     * @throws IOException if they are not one
     */
    static Map<String, Object> object(byte[] bytes) throws IOException {
        @Nullable Map<String, Object> object = MAPPER.readValue(bytes, OBJECT);
        if (object == null) {
            throw new IOException("not an object");
        }
        object.values().removeIf(value -> value == null);
        return object;
    }

    static byte[] bytes(Map<String, ?> object) {
        try {
            return MAPPER.writeValueAsBytes(object);
        } catch (IOException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
    }
}
