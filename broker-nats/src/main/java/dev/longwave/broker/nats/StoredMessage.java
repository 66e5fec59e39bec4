package dev.longwave.broker.nats;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A message of the stream.
 *
 * @param sequence in the stream
 * @param subject it was published to
 * @param time when it was stored, to the nanosecond
 */
record StoredMessage(long sequence, String subject, Instant time, Message message) {

    /** {@return the entry that it is in the log of its topic} */
    Entry entry(long epoch) {
        return new Entry(
                new Position(epoch, sequence), time.truncatedTo(ChronoUnit.MILLIS), message);
    }

    /** {@return the length of its data} */
    int bytes() {
        return message.data().length;
    }
}
