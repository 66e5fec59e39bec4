package dev.longwave.core;

import dev.longwave.broker.Entry;
import dev.longwave.broker.GapReason;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the events of one topic or pattern by the event-stream grammar: WHATWG HTML, section
 * 9.2.5.
 *
 * <p>An event that came through a pattern says of which topic it is in a field of its own, {@code
 * topic}, which {@code EventSource} passes over as the grammar tells it to.
 *
 * <p>A line break in data, be it CR, LF or CRLF, begins a new {@code data} field, which the
 * receiver joins with LF: the grammar cannot carry a CR. All other data arrives as it is; the space
 * after the colon protects a leading space. Empty data is one empty {@code data} field, which
 * receivers dispatch. Types, keys, ids and topics cannot have line breaks: {@link Message} and
 * {@link Entry} refuse them.
 *
 * <p>Binary data arrives as base64 in one {@code data} field, after a field {@code encoding:
 * base64} that {@code EventSource} ignores.
 */
final class SseEncoder {

    private static final byte[] ID = ascii("id: ");
    private static final byte[] TOPIC = ascii("topic: ");
    private static final byte[] EVENT = ascii("event: ");
    private static final byte[] DATA = ascii("data: ");
    private static final byte[] ENCODING = ascii("encoding: ");
    private static final byte[] BASE64 = ascii("base64");
    private static final byte[] HEX = ascii("0123456789abcdef");
    private static final String GAP_TYPE = "gap";

    private final String topic;
    private final String topicHash;

    SseEncoder(String topic) {
        this.topic = topic;
        this.topicHash = EventId.hash(topic);
    }

    String topicHash() {
        return topicHash;
    }

    Event message(long sequence, Entry entry) {
        Message message = entry.message();
        String ofTopic = entry.topic();
        Frame frame =
                frame(
                        ascii(EventId.part(topicHash, entry.position())),
                        ofTopic == null ? null : utf8(ofTopic),
                        message.type() == null ? null : utf8(message.type()),
                        message.isText() ? null : BASE64,
                        message.isText()
                                ? message.data()
                                : Base64.getEncoder().encode(message.data()));
        // The end of one of its topics does not end a pattern.
        boolean end = message.end() && ofTopic == null;
        return new Event(
                sequence, entry.position(), frame, Conflation.key(entry), false, false, end);
    }

    /** A gap whose reader goes on after it. */
    Event gap(long sequence, @Nullable Position after, Position before, GapReason reason) {
        return gap(sequence, after, before, reason, before);
    }

    /**
     * @param after the last position before the hole, null where unknown
     * @param before the position after which there is no further hole
     * @param cursor the cursor of whoever has been told
     */
    Event gap(
            long sequence,
            @Nullable Position after,
            Position before,
            GapReason reason,
            Position cursor) {
        String data =
                "{\"topic\":%s,\"reason\":\"%s\",\"after\":%s,\"before\":\"%s\"}"
                        .formatted(
                                jsonString(topic),
                                reason.word(),
                                after == null ? "null" : '"' + EventId.part(topicHash, after) + '"',
                                EventId.part(topicHash, before));
        return new Event(
                sequence,
                cursor,
                frame(
                        ascii(EventId.part(topicHash, cursor)),
                        null,
                        utf8(GAP_TYPE),
                        null,
                        utf8(data)),
                null,
                true,
                after != null && after.sameEpoch(before) && after.isAfter(before),
                false);
    }

    private static Frame frame(
            byte[] id,
            byte @Nullable [] ofTopic,
            byte @Nullable [] type,
            byte @Nullable [] encoding,
            byte[] data) {
        int idLine = lineLength(ID, id);
        int rest =
                lineLength(TOPIC, ofTopic)
                        + lineLength(EVENT, type)
                        + lineLength(ENCODING, encoding)
                        + dataLength(data)
                        + 1;
        int bodyLength = idLine + rest;
        int body = hexDigits(bodyLength) + 2;
        byte[] bytes = new byte[body + bodyLength + 2];

        int at = putHex(bytes, 0, bodyLength, hexDigits(bodyLength));
        at = putCrLf(bytes, at);
        at = putLine(bytes, at, ID, id);
        at = putLine(bytes, at, TOPIC, ofTopic);
        at = putLine(bytes, at, EVENT, type);
        at = putLine(bytes, at, ENCODING, encoding);
        at = putData(bytes, at, data);
        bytes[at++] = '\n';
        putCrLf(bytes, at);
        return new Frame(bytes, body, body + idLine, body + bodyLength);
    }

    private static int lineLength(byte[] field, byte @Nullable [] value) {
        return value == null ? 0 : field.length + value.length + 1;
    }

    private static int putLine(byte[] bytes, int start, byte[] field, byte @Nullable [] value) {
        if (value == null) {
            return start;
        }
        int at = put(bytes, put(bytes, start, field), value);
        bytes[at] = '\n';
        return at + 1;
    }

    /**
     * The length of the data fields: each line break, of one or two bytes, becomes LF and a field
     * name.
     */
    private static int dataLength(byte[] data) {
        int length = DATA.length + data.length + 1;
        for (int i = 0; i < data.length; i++) {
            byte b = data[i];
            if (b == '\n') {
                length += DATA.length;
            } else if (b == '\r') {
                if (i + 1 < data.length && data[i + 1] == '\n') {
                    i++;
                    length--;
                }
                length += DATA.length;
            }
        }
        return length;
    }

    private static int putData(byte[] bytes, int start, byte[] data) {
        int at = put(bytes, start, DATA);
        int line = 0; // where the line that is not yet copied begins
        for (int i = 0; i < data.length; i++) {
            byte b = data[i];
            if (b != '\n' && b != '\r') {
                continue;
            }
            System.arraycopy(data, line, bytes, at, i - line);
            at += i - line;
            bytes[at++] = '\n';
            at = put(bytes, at, DATA);
            if (b == '\r' && i + 1 < data.length && data[i + 1] == '\n') {
                i++;
            }
            line = i + 1;
        }
        System.arraycopy(data, line, bytes, at, data.length - line);
        at += data.length - line;
        bytes[at++] = '\n';
        return at;
    }

    static int hexDigits(int value) {
        return Math.max(1, (35 - Integer.numberOfLeadingZeros(value)) / 4);
    }

    static int putHex(byte[] bytes, int at, int value, int digits) {
        for (int i = digits - 1; i >= 0; i--) {
            bytes[at + digits - 1 - i] = HEX[value >>> (4 * i) & 0xf];
        }
        return at + digits;
    }

    static int putCrLf(byte[] bytes, int at) {
        bytes[at] = '\r';
        bytes[at + 1] = '\n';
        return at + 2;
    }

    private static int put(byte[] bytes, int at, byte[] what) {
        System.arraycopy(what, 0, bytes, at, what.length);
        return at + what.length;
    }

    private static String jsonString(String text) {
        // Topics have no control characters: see TopicName.
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
