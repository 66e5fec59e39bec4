package dev.longwave.broker.nats;

import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import io.nats.client.impl.Headers;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message in the stream.
 *
 * @param sequence its sequence in the stream
 * @param subject the subject on which it was published
 * @param time when the server stored it, to the nanosecond
 * @param deletedUpTo the sequence up to which its topic was deleted before it, if it marks a
 *     deletion; else 0: see {@link Deletions}
 */
record StoredMessage(
        long sequence, String subject, Instant time, Message message, long deletedUpTo) {

    /** {@return the message with these headers and this data} */
    static StoredMessage of(
            long sequence,
            String subject,
            Instant time,
            @Nullable Headers headers,
            byte @Nullable [] data) {
        return new StoredMessage(
                sequence,
                subject,
                time,
                Envelope.message(headers, data),
                Deletions.deletedUpTo(headers, sequence));
    }

    /** {@return where it stands; its time is the stamp} */
    Position position(long epoch) {
        return new Position(epoch, sequence).stamped(stamp());
    }

    /** {@return its time, as positions carry it} */
    long stamp() {
        return stamp(time);
    }

    /** {@return the stamp of what was stored at {@code time}} */
    static long stamp(@Nullable Instant time) {
        return time == null ? 0 : Math.max(0, time.toEpochMilli());
    }

    /** {@return whether it marks a deletion, and is no event} */
    boolean marksDeletion() {
        return deletedUpTo > 0;
    }

    /** {@return its length, by which pages are bounded} */
    int bytes() {
        return message.size();
    }
}
