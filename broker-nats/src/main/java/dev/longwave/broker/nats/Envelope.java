package dev.longwave.broker.nats;

import dev.longwave.broker.Message;
import io.nats.client.impl.Headers;
import org.jspecify.annotations.Nullable;

/** What a message is besides its data, as headers. */
final class Envelope {
    /*
     * JetStream remembers ids for the whole stream, and Longwave for each topic: so the topic is
     * part of what JetStream takes for the id. It stands after a space, which neither has.
     *
     * Anybody may publish to the stream, with whatever headers: what makes no sense is left out, so
     * that every message of the stream is one of Longwave.
     */
    static final String ID = "Nats-Msg-Id";
    static final String TYPE = "Longwave-Type";
    static final String KEY = "Longwave-Key";
    static final String END = "Longwave-End";

    private static final String TRUE = "true";

    private Envelope() {}

    /** {@return the headers of {@code message}, null for none} */
    static @Nullable Headers headers(Message message, String topic) {
        var headers = new Headers();
        if (message.id() != null) {
            headers.put(ID, message.id() + ' ' + Subjects.tokens(topic));
        }
        put(headers, TYPE, message.type());
        put(headers, KEY, message.key());
        if (message.end()) {
            headers.put(END, TRUE);
        }
        return headers.isEmpty() ? null : headers;
    }

    private static void put(Headers headers, String name, @Nullable String value) {
        if (value != null) {
            // Spaces, too: those at the ends would be lost.
            headers.put(name, Escapes.encode(value, b -> b > ' ' && b < 0x7f));
        }
    }

    /** {@return the message with these headers} */
    static Message message(@Nullable Headers headers, byte @Nullable [] data) {
        byte[] bytes = data == null ? new byte[0] : data;
        if (headers == null || headers.isEmpty()) {
            return Message.of(bytes);
        }
        boolean end = TRUE.equals(headers.getFirst(END));
        try {
            return new Message(
                    id(headers.getFirst(ID)),
                    decoded(headers.getFirst(TYPE)),
                    decoded(headers.getFirst(KEY)),
                    bytes,
                    end);
        } catch (IllegalArgumentException _) {
            return new Message(null, null, null, bytes, end);
        }
    }

    private static @Nullable String id(@Nullable String value) {
        if (value == null) {
            return null;
        }
        int space = value.indexOf(' ');
        return space < 0 ? value : value.substring(0, space);
    }

    private static @Nullable String decoded(@Nullable String value) {
        return value == null ? null : Escapes.decode(value);
    }
}
