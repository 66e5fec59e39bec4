package dev.longwave.broker;

import org.jspecify.annotations.Nullable;

/**
 * What a publisher says: the data, and how to treat it.
 *
 * <p>The data array is not copied, neither here nor by brokers in the same process: whoever made
 * the message must not change it afterwards, and no receiver may.
 *
 * @param id the publisher's own id, by which a broker drops a repeated publish; null for none. 1 to
 *     {@value #MAX_ID_LENGTH} printable ASCII characters
 * @param type the event's type as {@code EventSource} sees it; null for the default, "message". 1
 *     to {@value #MAX_TYPE_LENGTH} characters without control characters
 * @param key which of the things that the topic is about this event tells of, for topics where only
 *     the newest event per key matters; null for none. 1 to {@value #MAX_KEY_LENGTH} characters
 *     without control characters
 * @param data the payload; any bytes
 * @param end whether this is the last event of its topic
 */
@SuppressWarnings("ArrayRecordComponent") // shared and never changed, by the contract above
public record Message(
        @Nullable String id,
        @Nullable String type,
        @Nullable String key,
        byte[] data,
        boolean end) {

    public static final int MAX_ID_LENGTH = 128;
    public static final int MAX_TYPE_LENGTH = 128;
    public static final int MAX_KEY_LENGTH = 256;

    public Message {
        check("id", id, MAX_ID_LENGTH);
        check("type", type, MAX_TYPE_LENGTH);
        check("key", key, MAX_KEY_LENGTH);
        if (id != null && !id.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    "message id has a character that is not printable ASCII length=" + id.length());
        }
    }

    /** A message that is nothing but data. */
    public static Message of(byte[] data) {
        return new Message(null, null, null, data, false);
    }

    private static void check(String what, @Nullable String value, int maxLength) {
        if (value == null) {
            return;
        }
        if (value.isEmpty() || value.length() > maxLength) {
            throw new IllegalArgumentException(
                    "message %s has a bad length length=%d min=1 max=%d"
                            .formatted(what, value.length(), maxLength));
        }
        // Control characters cover the line breaks, which would end the field in an event stream.
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "message %s has a control character length=%d".formatted(what, value.length()));
        }
    }

    @Override
    public String toString() {
        // Neither payload nor id: messages end up in logs.
        return "Message[type=" + type + ", length=" + data.length + ", end=" + end + "]";
    }
}
