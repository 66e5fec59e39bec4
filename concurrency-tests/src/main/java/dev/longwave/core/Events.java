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
        return Entry.of(new Position(1, sequence), Instant.EPOCH, Message.of(new byte[] {'x'}));
    }

    static Entry last(long sequence) {
        return Entry.of(
                new Position(1, sequence),
                Instant.EPOCH,
                Message.builder(new byte[] {'x'}).end(true).build());
    }

    /** How many events are in {@code batch}. */
    static int count(SseBatch batch) {
        batch.finish();
        int count = 0;
        for (int i = batch.offset(); i < batch.offset() + batch.length() - 1; i++) {
            if (batch.array()[i] == '\n' && batch.array()[i + 1] == '\n') {
                count++;
            }
        }
        return count;
    }

    static Event event(long sequence) {
        return ENCODER.message(sequence, entry(sequence));
    }

    static TopicLog log() {
        var log = new TopicLog(8, 1 << 20);
        log.origin(new Event(0, new Position(1, 0), null, null, false, false, false));
        return log;
    }
}
