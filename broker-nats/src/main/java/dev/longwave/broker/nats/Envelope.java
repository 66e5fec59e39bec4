package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Message;
import io.nats.client.impl.Headers;
import org.jspecify.annotations.Nullable;

/** Converts everything in a message except its data to and from NATS headers. */
final class Envelope {
    /*
     * JetStream detects duplicates by message id in the whole stream, Longwave in each topic. So the
     * topic is part of the id that JetStream sees: it follows after a space, which neither contains.
     *
     * Each attribute is a header with a prefix. Header values are printable ASCII, so type, key, and
     * attribute values are percent-encoded.
     *
     * Other applications may publish to the stream, with any headers. What breaks a rule is repaired
     * in the same way on every node, so that every message in the stream can be delivered.
     */
    static final String ID = "Nats-Msg-Id";
    static final String TYPE = "Longwave-Type";
    static final String KEY = "Longwave-Key";
    static final String END = "Longwave-End";
    static final String ATTRIBUTE_PREFIX = "Longwave-Attr-";

    private static final String TRUE = "true";

    // The longest headers: id, topic, type, key, attributes, and a SequenceHeader take 11 KB.
    private static final int HEADER_BYTES = 12 << 10;

    private Envelope() {}

    /**
     * Checks that a server accepts the longest message with the longest headers.
     *
     * @throws BrokerConfigurationException if it does not
     */
    static void checkPayload(long maxPayload, int maxMessageBytes) {
        long needed = (long) maxMessageBytes + HEADER_BYTES;
        if (maxPayload < needed) {
            throw new BrokerConfigurationException(
                    ("the server's max_payload is too small for broker.nats.max-message-bytes and"
                                    + " 12 KiB of headers: lower the setting, or raise max_payload"
                                    + " max_payload=%d needed=%d")
                            .formatted(maxPayload, needed));
        }
    }

    /** {@return the headers of {@code message}; null if it needs none} */
    static @Nullable Headers headers(Message message, String topic) {
        var headers = new Headers();
        if (message.id() != null) {
            headers.put(ID, message.id() + ' ' + Subjects.tokens(topic));
        }
        put(headers, TYPE, message.type());
        put(headers, KEY, message.key());
        message.attributes().forEach((name, value) -> put(headers, ATTRIBUTE_PREFIX + name, value));
        if (message.end()) {
            headers.put(END, TRUE);
        }
        return headers.isEmpty() ? null : headers;
    }

    private static void put(Headers headers, String name, @Nullable String value) {
        if (value != null) {
            // Spaces are encoded as well: those at the ends would be lost.
            headers.put(name, PercentEncoding.encode(value, b -> b > ' ' && b < 0x7f));
        }
    }

    /** {@return the message with these headers and this data} */
    static Message message(@Nullable Headers headers, byte @Nullable [] data) {
        Message.Builder message = Message.builder(data == null ? new byte[0] : data);
        if (headers == null || headers.isEmpty()) {
            return message.buildFromLog();
        }
        for (String name : headers.keySet()) {
            if (name.startsWith(ATTRIBUTE_PREFIX)) {
                String value = decoded(headers.getFirst(name));
                message.attribute(
                        name.substring(ATTRIBUTE_PREFIX.length()), value == null ? "" : value);
            }
        }
        return message.id(id(headers.getFirst(ID)))
                .type(decoded(headers.getFirst(TYPE)))
                .key(decoded(headers.getFirst(KEY)))
                .end(TRUE.equals(headers.getFirst(END)))
                .buildFromLog();
    }

    private static @Nullable String id(@Nullable String value) {
        if (value == null) {
            return null;
        }
        int space = value.indexOf(' ');
        return space < 0 ? value : value.substring(0, space);
    }

    private static @Nullable String decoded(@Nullable String value) {
        return value == null ? null : PercentEncoding.decode(value);
    }
}
