package dev.longwave.core;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Data to measure with. */
public final class Payload {
    private static final TopicId TOPIC = new TopicId("news/today");

    private Payload() {}

    /** {@return one line of JSON-like text} */
    public static byte[] line(int bytes) {
        return "{\"n\":1,\"s\":\"abc\"} "
                .repeat(bytes / 18 + 1)
                .substring(0, bytes)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** {@return text in lines of 40 bytes} */
    public static byte[] lines(int bytes) {
        return ("x".repeat(39) + "\n")
                .repeat(bytes / 40 + 1)
                .substring(0, bytes)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** {@return an event with {@code data}, not encoded yet} */
    public static Event event(long sequence, byte[] data) {
        var position = new Position(0x1234567890L, sequence);
        return Event.message(sequence, TOPIC, Entry.of(position, Instant.EPOCH, Message.of(data)));
    }
}
