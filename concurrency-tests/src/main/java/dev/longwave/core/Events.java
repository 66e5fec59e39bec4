package dev.longwave.core;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.time.Instant;

/** Events to race with. */
final class Events {

    private static final TopicId TOPIC = new TopicId("a");

    private Events() {}

    static Entry entry(long sequence) {
        return Entry.of(new Position(1, sequence), Instant.EPOCH, Message.of(new byte[] {'x'}));
    }

    /** The last entry of a topic. */
    static Entry last(long sequence) {
        return Entry.of(
                new Position(1, sequence),
                Instant.EPOCH,
                Message.builder(new byte[] {'x'}).end(true).build());
    }

    static Event event(long sequence) {
        return Event.message(sequence, TOPIC, entry(sequence));
    }

    static TopicLog log() {
        var log = new TopicLog(8, 1 << 20);
        log.origin(Event.origin(TOPIC, new Position(1, 0)));
        return log;
    }
}
