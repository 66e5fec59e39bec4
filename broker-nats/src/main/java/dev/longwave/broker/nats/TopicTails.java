package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** The newest sequence of each topic in one reign. For one thread. */
final class TopicTails {
    /*
     * In the order of their newest message, so that the first is the one to forget when there are
     * many.
     * What is forgotten leaves a floor: no topic that is not here has anything beyond it. None is
     * forgotten within the time for which a feed may take the absence of news for proof that there
     * was none; should that many topics be used at once, the next one is refused.
     */
    private final int capacity;
    private final long keepNanos;
    private final LongSupplier nanos;
    private final LinkedHashMap<String, Last> lasts = new LinkedHashMap<>();
    private long sequence;
    private long floor;

    private record Last(long sequence, long nanos) {}

    /** Where a topic ends. {@code known} is false if it was not used, or that was forgotten. */
    record End(long sequence, boolean known) {}

    TopicTails(int capacity, Duration keep, LongSupplier nanos) {
        this.capacity = capacity;
        this.keepNanos = keep.toNanos();
        this.nanos = nanos;
    }

    /**
     * {@return the stamp of the next message of {@code topic}}
     *
     * @throws BrokerUnavailableException if too many topics are in use
     */
    Stamp next(Reign reign, String topic, long millis) {
        long now = nanos.getAsLong();
        Last last = lasts.get(topic);
        if (last == null && lasts.size() >= capacity) {
            forgetOne(now);
        }
        sequence++;
        lasts.putLast(topic, new Last(sequence, now));
        long previous = last != null ? last.sequence : floor == 0 ? 0 : -1;
        return new Stamp(reign, sequence, previous, millis);
    }

    /** {@return where {@code topic} ends: if it is not known, then not beyond the sequence told} */
    End end(String topic) {
        Last last = lasts.get(topic);
        return last == null ? new End(floor, false) : new End(last.sequence, true);
    }

    int size() {
        return lasts.size();
    }

    private void forgetOne(long now) {
        Iterator<Map.Entry<String, Last>> oldest = lasts.entrySet().iterator();
        Last last = oldest.next().getValue();
        if (now - last.nanos < keepNanos) {
            throw new BrokerUnavailableException(
                    "too many topics are published to at once topics=%d within=%s"
                            .formatted(lasts.size(), Duration.ofNanos(keepNanos)));
        }
        oldest.remove();
        floor = Math.max(floor, last.sequence);
    }
}
