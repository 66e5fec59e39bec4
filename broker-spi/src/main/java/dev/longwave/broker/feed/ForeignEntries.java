package dev.longwave.broker.feed;

import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Position;
import dev.longwave.broker.TopicSyntax;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes entries of what stands in a log that others write to as well. {@link
 * Message.Builder#buildFromLog()} repairs what can be repaired. What is left is skipped here, on
 * every node alike: its position counts, and nobody receives it. Safe for many threads.
 */
public final class ForeignEntries {

    private static final Logger LOGGER = System.getLogger(ForeignEntries.class.getName());

    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String broker;
    private final int maxMessageBytes;
    private final AtomicLong skipped = new AtomicLong();
    private long reported; // guarded by this, as is the next
    private long reportedAt;

    /**
     * For one broker.
     *
     * @param broker its type, for the log
     * @param maxMessageBytes {@link dev.longwave.broker.Broker#maxMessageBytes()}
     */
    public ForeignEntries(String broker, int maxMessageBytes) {
        this.broker = broker;
        this.maxMessageBytes = maxMessageBytes;
    }

    /**
     * {@return the entry, or one that is {@linkplain Entry#isSkipped() skipped}}
     *
     * @param topic the topic, if it is not known to be one: for readers of a pattern; else null
     */
    public Entry entry(Position position, Instant time, Message message, @Nullable String topic) {
        String fault = fault(message, topic);
        if (fault != null) {
            skip(position, fault);
            return Entry.skipped(position, time);
        }
        Entry entry = Entry.of(position, time, message);
        return topic == null ? entry : entry.in(topic);
    }

    /** {@return how many were skipped, each time that they were read} */
    public long skipped() {
        return skipped.get();
    }

    private @Nullable String fault(Message message, @Nullable String topic) {
        int length = message.data().length;
        if (length > maxMessageBytes) {
            return "data is too long length=%d max=%d".formatted(length, maxMessageBytes);
        }
        return topic == null || TopicSyntax.fault(topic) == null
                ? null
                : "no client can name its topic";
    }

    private void skip(Position position, String fault) {
        long count = skipped.incrementAndGet();
        long since;
        synchronized (this) {
            long now = System.nanoTime();
            if (reported != 0 && now - reportedAt < QUIET_NANOS) {
                return;
            }
            since = count - reported;
            reported = count;
            reportedAt = now;
        }
        LOGGER.log(
                Level.WARNING,
                "{0}: skipped {1} entries that others wrote to the log, last position={2}: {3}",
                broker,
                since,
                position,
                fault);
    }
}
