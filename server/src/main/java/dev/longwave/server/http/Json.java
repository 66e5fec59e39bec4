package dev.longwave.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads and writes JSON. Safe for many threads. */
public final class Json {

    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            new com.fasterxml.jackson.core.JsonFactoryBuilder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(100)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private Json() {}

    /** {@return an empty object to fill} */
    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Writes one JSON value. */
    public interface Writing {

        void to(JsonGenerator json) throws IOException;
    }

    /**
     * {@return the value that {@code bytes} from {@code offset} on, {@code length} of them, hold}
     *
     * @throws IllegalArgumentException if they are not one JSON value in UTF-8; the message says
     *     where, and shows nothing of it
     */
    public static JsonNode parse(byte[] bytes, int offset, int length) {
        checkUnicode(bytes, offset, length);
        try {
            return MAPPER.readTree(bytes, offset, length);
        } catch (IOException e) {
            throw notJson(e);
        }
    }

    /**
     * {@return the same; what the tree of a long text needs is taken from {@code allowance}}
     *
     * @throws IllegalArgumentException as above
     * @throws ProblemException if there is no memory left
     */
    public static JsonNode parse(byte[] bytes, int offset, int length, Allowance allowance) {
        if (length <= GrowingBytes.FREE_BYTES) {
            return parse(bytes, offset, length);
        }
        checkUnicode(bytes, offset, length);
        allowance.take(length); // its strings
        try (var parser =
                new CountingParser(MAPPER.createParser(bytes, offset, length), allowance)) {
            JsonNode node = MAPPER.readTree(parser);
            return node == null ? MissingNode.getInstance() : node;
        } catch (IOException e) {
            throw notJson(e);
        }
    }

    private static void checkUnicode(byte[] bytes, int offset, int length) {
        if (!JsonText.isUnicode(bytes, offset, length)) {
            throw new IllegalArgumentException(
                    "not valid JSON: it must be UTF-8, without lone surrogates");
        }
    }

    private static RuntimeException notJson(IOException e) {
        if (!(e instanceof JsonProcessingException json)) {
            return new UncheckedIOException(e);
        }
        var place = json.getLocation();
        return new IllegalArgumentException(
                "not valid JSON line=%d column=%d"
                        .formatted(
                                place == null ? 1 : place.getLineNr(),
                                place == null ? 1 : place.getColumnNr()),
                e);
    }

    /** Takes from an allowance what a tree needs beside its strings, while it is built. */
    private static final class CountingParser extends JsonParserDelegate {

        private static final int CONTAINER_BYTES = 160;
        private static final int MEMBER_BYTES = 100;
        private static final int VALUE_BYTES = 80;
        private static final int STEP = 8 << 10;

        private final Allowance allowance;
        private int due;

        CountingParser(JsonParser parser, Allowance allowance) {
            super(parser);
            this.allowance = allowance;
        }

        @Override
        public @Nullable JsonToken nextToken() throws IOException {
            JsonToken token = super.nextToken();
            if (token != null) {
                due += bytes(token);
                if (due >= STEP) {
                    allowance.take(due);
                    due = 0;
                }
            }
            return token;
        }

        private static int bytes(JsonToken token) {
            return switch (token) {
                case START_OBJECT, START_ARRAY -> CONTAINER_BYTES;
                case FIELD_NAME -> MEMBER_BYTES;
                case END_OBJECT, END_ARRAY, NOT_AVAILABLE -> 0;
                default -> VALUE_BYTES;
            };
        }
    }

    /** Writes what {@code writing} says to {@code out}, in UTF-8. */
    static void write(OutputStream out, Writing writing) {
        try (JsonGenerator json = MAPPER.createGenerator(out)) {
            writing.to(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * {@return {@code value}, of maps, lists, strings, numbers, and booleans, as compact JSON text}
     */
    public static String text(Object value) {
        return MAPPER.valueToTree(value).toString();
    }

    /** {@return {@code node} as compact JSON text in UTF-8, and a line feed} */
    public static byte[] line(JsonNode node) {
        byte[] json = bytes(node);
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }

    /** {@return {@code node} as compact JSON text in UTF-8} */
    public static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree that cannot be written", e);
        }
    }
}
