package dev.longwave.core;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Data to measure with. */
final class Payload {
    private Payload() {}

    /** One line of JSON-like text. */
    static byte[] line(int bytes) {
        return "{\"n\":1,\"s\":\"abc\"} "
                .repeat(bytes / 18 + 1)
                .substring(0, bytes)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Text in lines of 40 bytes. */
    static byte[] lines(int bytes) {
        return ("x".repeat(39) + "\n")
                .repeat(bytes / 40 + 1)
                .substring(0, bytes)
                .getBytes(StandardCharsets.US_ASCII);
    }

    static Entry entry(long sequence, byte[] data) {
        return Entry.of(new Position(0x1234567890L, sequence), Instant.EPOCH, Message.of(data));
    }
}
