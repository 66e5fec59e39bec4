package dev.longwave.broker;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a publisher sends: data, and what to do with it. Immutable.
 *
 * <p>The data is <em>text</em> in UTF-8 unless its content type says otherwise: see {@link
 * #isText()}. All other data is binary, and arrives byte for byte.
 *
 * <p>The data array is not copied, neither here nor by a broker in the same process. The publisher
 * must not change it after building the message, and no receiver may change it.
 */
public final class Message {

    /** How many characters an id may have. */
    public static final int MAX_ID_LENGTH = 128;

    /** How many characters a type may have. */
    public static final int MAX_TYPE_LENGTH = 128;

    /** How many characters a key may have. */
    public static final int MAX_KEY_LENGTH = 256;

    /** The type that only the server uses, to tell a reader that events are missing. */
    public static final String RESERVED_TYPE = "gap";

    private static final String BINARY = "application/octet-stream";

    private final @Nullable String id;
    private final @Nullable String type;
    private final @Nullable String key;
    private final byte[] data;
    private final Attributes attributes;
    private final boolean end;

    private Message(
            @Nullable String id,
            @Nullable String type,
            @Nullable String key,
            byte[] data,
            Attributes attributes,
            boolean end) {
        this.id = id;
        this.type = type;
        this.key = key;
        this.data = data;
        this.attributes = attributes;
        this.end = end;
    }

    /**
     * {@return a message of nothing but text}
     *
     * @param data the text in UTF-8
     * @throws NotUtf8Exception if it is not UTF-8
     */
    public static Message of(byte[] data) {
        return builder(data).build();
    }

    /** {@return a builder of a message with this data, to which all else is optional} */
    public static Builder builder(byte[] data) {
        return new Builder(data);
    }

    /**
     * {@return the publisher's own id, by which a broker drops a repeated publish; null for none} 1
     * to {@value #MAX_ID_LENGTH} printable ASCII characters.
     */
    public @Nullable String id() {
        return id;
    }

    /**
     * {@return the event's type as {@code EventSource} sees it; null for its default, "message"} 1
     * to {@value #MAX_TYPE_LENGTH} characters without control characters, and never {@value
     * #RESERVED_TYPE}.
     */
    public @Nullable String type() {
        return type;
    }

    /**
     * {@return which of the topic's objects this event is about, for topics where only the newest
     * event per key matters; null for none} 1 to {@value #MAX_KEY_LENGTH} characters without
     * control characters.
     */
    public @Nullable String key() {
        return key;
    }

    /** {@return the data; not to be changed} */
    public byte[] data() {
        return data;
    }

    /** {@return the attributes} */
    public Attributes attributes() {
        return attributes;
    }

    /** {@return whether this is the last event of its topic} */
    public boolean end() {
        return end;
    }

    /** {@return the attribute {@link Attributes#CONTENT_TYPE}, if the message has it} */
    public Optional<String> contentType() {
        return attributes.get(Attributes.CONTENT_TYPE);
    }

    /**
     * {@return whether the data is text} It is if there is no content type, or if that is {@code
     * text/*}, {@code application/json}, or ends in {@code +json}; the data is then UTF-8, whatever
     * charset a parameter names.
     */
    public boolean isText() {
        return isText(attributes);
    }

    /**
     * {@return the length of data and attributes in bytes, by which pages and buffers are bounded}
     */
    public int size() {
        return data.length + attributes.bytes();
    }

    /** {@return the same message, which is checked already, without an id} */
    Message withoutId() {
        return id == null ? this : new Message(null, type, key, data, attributes, end);
    }

    private static boolean isText(Attributes attributes) {
        return attributes.isEmpty()
                || attributes.get(Attributes.CONTENT_TYPE).map(MediaType::isText).orElse(true);
    }

    private static void checkId(String id) {
        check("id", id, MAX_ID_LENGTH);
        if (!id.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    "message id has a character that is not printable ASCII length=" + id.length());
        }
    }

    private static void checkType(String type) {
        check("type", type, MAX_TYPE_LENGTH);
        if (type.equals(RESERVED_TYPE)) {
            throw new IllegalArgumentException("event type is reserved type=" + RESERVED_TYPE);
        }
    }

    private static void checkKey(String key) {
        check("key", key, MAX_KEY_LENGTH);
    }

    private static void check(String what, String value, int maxLength) {
        if (value.isEmpty() || value.length() > maxLength) {
            throw new IllegalArgumentException(
                    "message %s has a bad length length=%d min=1 max=%d"
                            .formatted(what, value.length(), maxLength));
        }
        // Control characters include line breaks, which would end the field in an event stream.
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "message %s has a control character length=%d".formatted(what, value.length()));
        }
    }

    /** {@return whether the two have equal data, and equal parts besides} */
    @Override
    public boolean equals(Object other) {
        return other instanceof Message that
                && end == that.end
                && Objects.equals(id, that.id)
                && Objects.equals(type, that.type)
                && Objects.equals(key, that.key)
                && attributes.equals(that.attributes)
                && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return 31 * Objects.hash(id, type, key, attributes, end) + Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        // Neither data nor id: messages end up in logs.
        return "Message[type=" + type + ", length=" + data.length + ", end=" + end + "]";
    }

    /** Builds one message. Not safe for many threads. */
    public static final class Builder {

        private final byte[] data;
        private @Nullable String id;
        private @Nullable String type;
        private @Nullable String key;
        private Attributes attributes = Attributes.EMPTY;
        private @Nullable Map<String, String> added;
        private byte @Nullable [] encoded;
        private boolean end;

        private Builder(byte[] data) {
            this.data = data;
        }

        /** Sets the {@linkplain Message#id() id}; null for none. */
        public Builder id(@Nullable String value) {
            id = value;
            return this;
        }

        /** Sets the {@linkplain Message#type() type}; null for none. */
        public Builder type(@Nullable String value) {
            type = value;
            return this;
        }

        /** Sets the {@linkplain Message#key() key}; null for none. */
        public Builder key(@Nullable String value) {
            key = value;
            return this;
        }

        /** Sets all attributes, in place of those set before. */
        public Builder attributes(Attributes value) {
            attributes = value;
            added = null;
            encoded = null;
            return this;
        }

        /** Adds an attribute to those set before; the last one of a name counts. */
        public Builder attribute(String name, String value) {
            if (added == null) {
                added = new LinkedHashMap<>();
            }
            added.put(name, value);
            return this;
        }

        /** Sets all attributes as {@link Attributes#encode()} wrote them; null for none. */
        public Builder encodedAttributes(byte @Nullable [] value) {
            attributes(Attributes.EMPTY);
            encoded = value;
            return this;
        }

        /** Sets whether it is the {@linkplain Message#end() last event} of its topic. */
        public Builder end(boolean value) {
            end = value;
            return this;
        }

        /**
         * {@return the message}
         *
         * @throws NotUtf8Exception if its data must be UTF-8, and is not
         * @throws IllegalArgumentException if another of its parts breaks a rule
         */
        public Message build() {
            if (id != null) {
                checkId(id);
            }
            if (type != null) {
                checkType(type);
            }
            if (key != null) {
                checkKey(key);
            }
            Attributes all = allAttributes();
            if (isText(all) && !Utf8.isValid(data)) {
                throw new NotUtf8Exception(data.length);
            }
            return new Message(id, type, key, data, all, end);
        }

        /**
         * {@return the message, made of what a broker read from a log} Others may write there, too,
         * so this accepts anything, and makes the same message of it on every node: an id, type, or
         * key that breaks a rule is left out; so are all attributes if one of them does; and data
         * that must be UTF-8 and is not gets the content type {@code application/octet-stream}.
         */
        public Message buildFromLog() {
            try {
                return build(); // mostly nothing is wrong
            } catch (IllegalArgumentException _) {
                return repaired();
            }
        }

        private Message repaired() {
            Attributes all;
            try {
                all = allAttributes();
            } catch (IllegalArgumentException _) {
                all = Attributes.EMPTY;
            }
            if (isText(all) && !Utf8.isValid(data)) {
                try {
                    all = all.with(Attributes.CONTENT_TYPE, BINARY);
                } catch (IllegalArgumentException _) { // no room
                    all = Attributes.EMPTY.with(Attributes.CONTENT_TYPE, BINARY);
                }
            }
            return new Message(
                    valid(id, Message::checkId),
                    valid(type, Message::checkType),
                    valid(key, Message::checkKey),
                    data,
                    all,
                    end);
        }

        private Attributes allAttributes() {
            Attributes all = encoded == null ? attributes : Attributes.decode(encoded);
            if (added != null) {
                for (Map.Entry<String, String> pair : added.entrySet()) {
                    all = all.with(pair.getKey(), pair.getValue());
                }
            }
            return all;
        }

        private static @Nullable String valid(@Nullable String value, Consumer<String> check) {
            if (value == null) {
                return null;
            }
            try {
                check.accept(value);
                return value;
            } catch (IllegalArgumentException _) {
                return null;
            }
        }
    }
}
