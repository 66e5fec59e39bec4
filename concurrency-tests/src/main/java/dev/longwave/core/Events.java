package dev.longwave.core;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.time.Instant;

/** Events to race with. */
final class Events {

    private static final SseEncoder ENCODER = new SseEncoder("a");

    private Events() {}

    static Entry entry(long sequence) {
        return new Entry(new Position(1, sequence), Instant.EPOCH, Message.of(new byte[] {'x'}));
    }

    static Event event(long sequence) {
        return ENCODER.message(sequence, entry(sequence));
    }

    static TopicLog log() {
        var log = new TopicLog(8, 1 << 20);
        log.origin(new Event(0, new Position(1, 0), null, null, false, false));
        return log;
    }
}
