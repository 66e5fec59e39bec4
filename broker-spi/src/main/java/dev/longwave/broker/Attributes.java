package dev.longwave.broker;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Named values that travel with a message, in the order of their names. Immutable.
 *
 * <p>A message has at most {@value #MAX_COUNT} attributes, and their names and values are at most
 * {@value #MAX_BYTES} bytes of UTF-8 together. A name is 1 to {@value #MAX_NAME_LENGTH} lower-case
 * letters, digits, and dashes. A value is 1 or more characters; it has no control characters or
 * lone surrogates, and neither begins nor ends with a space.
 *
 * <p>The names {@link #CONTENT_TYPE}, {@link #TRACEPARENT}, and {@link #TRACESTATE} are reserved
 * for the meaning given here.
 */
public final class Attributes {

    /** How many attributes a message may have. */
    public static final int MAX_COUNT = 16;

    /** How many bytes of UTF-8 all names and values may have together. */
    public static final int MAX_BYTES = 2048;

    /** How many characters a name may have. */
    public static final int MAX_NAME_LENGTH = 64;

    /** The longest result of {@link #encode()}: every pair adds two bytes to its name and value. */
    public static final int MAX_ENCODED_BYTES = MAX_BYTES + 2 * MAX_COUNT;

    /** The media type of the data, as in HTTP; see {@link Message#isText()}. */
    public static final String CONTENT_TYPE = "content-type";

    /** The trace that the message belongs to: W3C Trace Context. */
    public static final String TRACEPARENT = "traceparent";

    /** What tracing systems add to {@link #TRACEPARENT}. */
    public static final String TRACESTATE = "tracestate";

    /** No attributes. */
    public static final Attributes EMPTY = new Attributes(new String[0], 0);

    private static final byte NAME_END = ':';
    private static final byte VALUE_END = '\n';

    private final String[] pairs; // name, value, name, value, …, by name
    private final int bytes;

    private Attributes(String[] pairs, int bytes) {
        this.pairs = pairs;
        this.bytes = bytes;
    }

    /**
     * {@return the attributes with these names and values}
     *
     * @throws IllegalArgumentException if a rule of this class is broken
     */
    public static Attributes of(Map<String, String> values) {
        Attributes attributes = EMPTY;
        for (Map.Entry<String, String> pair : values.entrySet()) {
            attributes = attributes.with(pair.getKey(), pair.getValue());
        }
        return attributes;
    }

    /**
     * {@return these attributes and one more, which replaces one of the same name}
     *
     * @throws IllegalArgumentException if a rule of this class is broken
     */
    public Attributes with(String name, String value) {
        checkName(name);
        checkValue(name, value);
        int index = indexOf(name);
        String[] more;
        if (index >= 0) {
            more = pairs.clone();
        } else {
            index = -index - 1;
            if (size() == MAX_COUNT) {
                throw new IllegalArgumentException("too many attributes max=" + MAX_COUNT);
            }
            more = new String[pairs.length + 2];
            System.arraycopy(pairs, 0, more, 0, index);
            System.arraycopy(pairs, index, more, index + 2, pairs.length - index);
        }
        more[index] = name;
        more[index + 1] = value;
        int length = 0;
        for (String text : more) {
            length += Utf8.length(text);
        }
        if (length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "attributes are too long together length=%d max=%d"
                            .formatted(length, MAX_BYTES));
        }
        return new Attributes(more, length);
    }

    /** {@return the value of the attribute {@code name}} */
    public Optional<String> get(String name) {
        if (pairs.length == 0) {
            return Optional.empty();
        }
        int index = indexOf(name);
        return index < 0 ? Optional.empty() : Optional.of(pairs[index + 1]);
    }

    /** {@return whether there are none} */
    public boolean isEmpty() {
        return pairs.length == 0;
    }

    /** {@return how many there are} */
    public int size() {
        return pairs.length / 2;
    }

    /** {@return how many bytes of UTF-8 all names and values have together} */
    public int bytes() {
        return bytes;
    }

    /** Hands each name and its value to {@code action}, in the order of the names. */
    public void forEach(BiConsumer<String, String> action) {
        for (int i = 0; i < pairs.length; i += 2) {
            action.accept(pairs[i], pairs[i + 1]);
        }
    }

    /** {@return a new map of names to values, in the order of the names} */
    public Map<String, String> toMap() {
        var map = new LinkedHashMap<String, String>();
        forEach(map::put);
        return map;
    }

    /**
     * {@return these attributes as bytes for a broker that stores them as one value, at most
     * {@value #MAX_ENCODED_BYTES}}: for each, the name, a colon, the value in UTF-8, and a line
     * feed. Equal attributes have equal bytes, and {@link #EMPTY} has none
     */
    public byte[] encode() {
        byte[] encoded = new byte[bytes + pairs.length];
        int at = 0;
        for (int i = 0; i < pairs.length; i++) {
            byte[] text = pairs[i].getBytes(StandardCharsets.UTF_8);
            System.arraycopy(text, 0, encoded, at, text.length);
            at += text.length;
            encoded[at++] = i % 2 == 0 ? NAME_END : VALUE_END;
        }
        return encoded;
    }

    /**
     * {@return the attributes that {@link #encode()} made these bytes of}
     *
     * @throws IllegalArgumentException if it did not
     */
    public static Attributes decode(byte[] encoded) {
        if (encoded.length > MAX_ENCODED_BYTES) {
            throw malformed(encoded);
        }
        Attributes attributes = EMPTY;
        int at = 0;
        while (at < encoded.length) {
            int nameEnd = indexOf(NAME_END, encoded, at);
            int valueEnd = nameEnd < 0 ? -1 : indexOf(VALUE_END, encoded, nameEnd + 1);
            if (valueEnd < 0) {
                throw malformed(encoded);
            }
            attributes =
                    attributes.with(
                            text(encoded, at, nameEnd), text(encoded, nameEnd + 1, valueEnd));
            at = valueEnd + 1;
        }
        if (!Arrays.equals(encoded, attributes.encode())) {
            throw malformed(encoded); // not UTF-8, not in order, or a name twice
        }
        return attributes;
    }

    private static String text(byte[] encoded, int from, int to) {
        return new String(encoded, from, to - from, StandardCharsets.UTF_8);
    }

    private static int indexOf(byte wanted, byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static IllegalArgumentException malformed(byte[] encoded) {
        return new IllegalArgumentException(
                "not the encoded form of attributes length=" + encoded.length);
    }

    /** {@return where {@code name} stands in the pairs, or -(where to insert it) - 1} */
    private int indexOf(String name) {
        for (int i = 0; i < pairs.length; i += 2) {
            int order = pairs[i].compareTo(name);
            if (order >= 0) {
                return order == 0 ? i : -i - 1;
            }
        }
        return -pairs.length - 1;
    }

    private static void checkName(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
            throw new IllegalArgumentException(
                    "attribute name has a bad length length=%d min=1 max=%d"
                            .formatted(name.length(), MAX_NAME_LENGTH));
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') {
                throw new IllegalArgumentException(
                        "attribute name must be lower-case letters, digits, and dashes length="
                                + name.length());
            }
        }
    }

    private static void checkValue(String name, String value) {
        if (value.isEmpty() || value.length() > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "attribute value has a bad length name=%s length=%d min=1 max=%d"
                            .formatted(name, value.length(), MAX_BYTES));
        }
        if (value.charAt(0) == ' ' || value.charAt(value.length() - 1) == ' ') {
            throw new IllegalArgumentException(
                    "attribute value must not begin or end with a space name=" + name);
        }
        for (int i = 0; i < value.length(); i++) {
            if (Character.isISOControl(value.charAt(i))) {
                throw new IllegalArgumentException(
                        "attribute value has a control character name=" + name);
            }
        }
        if (!Utf8.canEncode(value)) {
            throw new IllegalArgumentException("attribute value is not Unicode text name=" + name);
        }
        if (name.equals(CONTENT_TYPE) && !MediaType.isValid(value)) {
            throw new IllegalArgumentException(
                    "attribute content-type must be a media type, as application/json length="
                            + value.length());
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Attributes that && Arrays.equals(pairs, that.pairs);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(pairs);
    }

    @Override
    public String toString() {
        // Names without values: attributes end up in logs.
        return "Attributes" + toMap().keySet();
    }
}
