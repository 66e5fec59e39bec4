package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerUnavailableException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** The newest sequence of each topic in one term. Confined to one thread. */
final class TopicTails {
    /*
     * Topics are in the order of their newest messages: when there are too many, the first is
     * forgotten. Its sequence raises the floor: no topic that is not in the map has a message beyond
     * the floor. No topic is forgotten during the time for which a feed may rely on having heard
     * nothing of it. If so many topics are used at once that this would be necessary, the next topic
     * is refused.
     */
    private final int capacity;
    private final long keepNanos;
    private final LongSupplier nanos;
    private final LinkedHashMap<String, Last> lasts = new LinkedHashMap<>();
    private long sequence;
    private long floor;

    private record Last(long sequence, long nanos) {}

    /**
     * The end of a topic.
     *
     * @param sequence of its newest message; if it is not known, one beyond which it has none
     * @param known false if the topic was not used, or is forgotten
     */
    record End(long sequence, boolean known) {}

    TopicTails(int capacity, Duration keep, LongSupplier nanos) {
        this.capacity = capacity;
        this.keepNanos = keep.toNanos();
        this.nanos = nanos;
    }

    /**
     * {@return the header of the next message of {@code topic}}
     *
     * @throws BrokerUnavailableException if too many topics are in use
     */
    SequenceHeader next(Term term, String topic, long millis) {
        long now = nanos.getAsLong();
        Last last = lasts.get(topic);
        if (last == null && lasts.size() >= capacity) {
            forgetOne(now);
        }
        sequence++;
        lasts.putLast(topic, new Last(sequence, now));
        long previous = last != null ? last.sequence : floor == 0 ? 0 : -1;
        return new SequenceHeader(term, sequence, previous, millis);
    }

    /** {@return the end of {@code topic}} */
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
                    "too many topics in use at once topics=%d within=%s"
                            .formatted(lasts.size(), Duration.ofNanos(keepNanos)));
        }
        oldest.remove();
        floor = Math.max(floor, last.sequence);
    }
}
