package dev.longwave.server.sse;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.core.Event;
import dev.longwave.core.EventId;
import dev.longwave.core.Format;
import dev.longwave.core.Gap;
import dev.longwave.server.net.Chunks;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events in the grammar of event streams: WHATWG HTML, section 9.2.5.
 *
 * <p>An event that came through a pattern names its own topic in a field {@code topic}, which
 * {@code EventSource} ignores, as the grammar demands.
 *
 * <p>A line break in data, be it CR, LF or CRLF, begins a new {@code data} field, which the
 * receiver joins with LF: the grammar cannot carry a CR. All other data arrives unchanged; the
 * space after the colon protects a leading space. Empty data is one empty {@code data} field, which
 * receivers dispatch. Types, keys, IDs and topics cannot have line breaks: {@link Message} and
 * {@link Entry} refuse them.
 *
 * <p>Binary data arrives as base64 in one {@code data} field, after a field {@code encoding:
 * base64} that {@code EventSource} ignores.
 *
 * <p>An ephemeral event has no ID: the client keeps the one that it has.
 *
 * <p>A client that asks for details learns the topic of each event or gap, the pattern that an
 * event came through, and when it was published, from fields {@code topic}, {@code pattern}, and
 * {@code time}; one that asks for traces, the trace that an event belongs to, from {@code
 * traceparent} and {@code tracestate}. {@code EventSource} ignores all of them.
 */
final class SseFormat implements Format<SseFrame> {

    static final SseFormat EVENTS = new SseFormat(false, false);

    private static final SseFormat EVENTS_WITH_TRACE = new SseFormat(true, false);
    private static final SseFormat DETAILED = new SseFormat(false, true);
    private static final SseFormat DETAILED_WITH_TRACE = new SseFormat(true, true);

    private static final byte[] ID = ascii("id: ");
    private static final byte[] TOPIC = ascii("topic: ");
    private static final byte[] PATTERN = ascii("pattern: ");
    private static final byte[] EVENT = ascii("event: ");
    private static final byte[] DATA = ascii("data: ");
    private static final byte[] ENCODING = ascii("encoding: ");
    private static final byte[] BASE64 = ascii("base64");
    private static final byte[] TIME = ascii("time: ");
    private static final byte[] GAP_TYPE = ascii("gap");
    private static final byte[] NO_TRACE = {};
    private static final List<String> TRACE =
            List.of(Attributes.TRACEPARENT, Attributes.TRACESTATE);

    private final boolean trace;
    private final boolean detailed;

    private SseFormat(boolean trace, boolean detailed) {
        this.trace = trace;
        this.detailed = detailed;
    }

    /**
     * {@return what a client asks for}
     *
     * @param trace whether events name the trace that they belong to
     * @param detailed whether they name their topic, the pattern that they came through, and the
     *     time when they were published
     */
    static SseFormat of(boolean trace, boolean detailed) {
        if (detailed) {
            return trace ? DETAILED_WITH_TRACE : DETAILED;
        }
        return trace ? EVENTS_WITH_TRACE : EVENTS;
    }

    boolean isDetailed() {
        return detailed;
    }

    @Override
    public SseFrame encode(Event event) {
        Entry entry = event.entry();
        if (entry != null) {
            return message(event, entry);
        }
        Gap gap = event.gap();
        if (gap != null) {
            return gap(event, gap);
        }
        throw new IllegalStateException("where a log begins is not for clients");
    }

    private SseFrame message(Event event, Entry entry) {
        Message message = entry.message();
        boolean text = message.isText();
        String topic = entry.topic() == null && detailed ? event.subscribed() : entry.topic();
        return frame(
                event.ephemeral() ? null : ascii(event.id()),
                topic == null ? null : utf8(topic),
                detailed && entry.topic() != null ? utf8(event.subscribed()) : null,
                message.type() == null ? null : utf8(message.type()),
                text ? null : BASE64,
                detailed ? ascii(entry.time().toString()) : null,
                trace ? trace(message) : NO_TRACE,
                text ? message.data() : Base64.getEncoder().encode(message.data()));
    }

    /** {@return the length of an event's block, at most, on the stream of one topic or pattern} */
    static long maxLength(String topic, Message message) {
        byte[] data =
                message.isText() ? message.data() : Base64.getEncoder().encode(message.data());
        return ID.length
                + EventId.MAX_LENGTH_PER_TOPIC
                + 1L
                + lineLength(TOPIC, utf8(topic))
                + lineLength(EVENT, message.type() == null ? null : utf8(message.type()))
                + lineLength(ENCODING, message.isText() ? null : BASE64)
                + trace(message).length
                + dataLength(data)
                + 1;
    }

    /** Whole lines. Attributes have no line breaks. */
    private static byte[] trace(Message message) {
        Attributes attributes = message.attributes();
        if (attributes.isEmpty()) {
            return NO_TRACE;
        }
        var lines = new StringBuilder();
        for (String name : TRACE) {
            attributes
                    .get(name)
                    .ifPresent(value -> lines.append(name).append(": ").append(value).append('\n'));
        }
        return utf8(lines.toString());
    }

    private SseFrame gap(Event event, Gap gap) {
        String data =
                "{\"topic\":%s,\"reason\":\"%s\",\"after\":%s,\"before\":\"%s\"}"
                        .formatted(
                                jsonString(event.subscribed()),
                                gap.reason().word(),
                                gap.after() == null ? "null" : '"' + event.id(gap.after()) + '"',
                                event.id(gap.before()));
        return frame(
                ascii(event.id()),
                detailed ? utf8(event.subscribed()) : null,
                null,
                GAP_TYPE,
                null,
                null,
                NO_TRACE,
                utf8(data));
    }

    private SseFrame frame(
            byte @Nullable [] id,
            byte @Nullable [] ofTopic,
            byte @Nullable [] pattern,
            byte @Nullable [] type,
            byte @Nullable [] encoding,
            byte @Nullable [] time,
            byte[] traceLines,
            byte[] data) {
        int idLine = lineLength(ID, id);
        int bodyLength =
                idLine
                        + lineLength(TOPIC, ofTopic)
                        + lineLength(PATTERN, pattern)
                        + lineLength(EVENT, type)
                        + lineLength(ENCODING, encoding)
                        + lineLength(TIME, time)
                        + traceLines.length
                        + dataLength(data)
                        + 1;
        int body = Chunks.headerLength(bodyLength);
        byte[] bytes = new byte[body + bodyLength + Chunks.TRAILER_LENGTH];

        Chunks.putHeader(bytes, bodyLength);
        int at = putLine(bytes, body, ID, id);
        at = putLine(bytes, at, TOPIC, ofTopic);
        at = putLine(bytes, at, PATTERN, pattern);
        at = putLine(bytes, at, EVENT, type);
        at = putLine(bytes, at, ENCODING, encoding);
        at = putLine(bytes, at, TIME, time);
        at = put(bytes, at, traceLines);
        at = putData(bytes, at, data);
        bytes[at++] = '\n';
        Chunks.putTrailer(bytes, at);
        return new SseFrame(this, bytes, body, body + idLine, body + bodyLength);
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
