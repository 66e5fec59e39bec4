package dev.longwave.broker.nats;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A message in the stream.
 *
 * @param sequence its sequence in the stream
 * @param subject the subject on which it was published
 * @param time when the server stored it, to the nanosecond
 */
record StoredMessage(long sequence, String subject, Instant time, Message message) {

    /** {@return its entry in the log of its topic} */
    Entry entry(long epoch) {
        return Entry.of(
                new Position(epoch, sequence), time.truncatedTo(ChronoUnit.MILLIS), message);
    }

    /** {@return its length, by which pages are bounded} */
    int bytes() {
        return message.size();
    }
}
