package dev.longwave.broker.memory;

import dev.longwave.broker.TopicPattern;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Collectors;

/** How far the topics had come that are no longer known. Safe for many threads. */
final class ForgottenTopics {
    /*
     * A topic that nobody used for long must cost nothing, and yet must never give out a sequence
     * twice, or a cursor from before would lie. So its tail is not kept by name, but as the highest
     * tail of all forgotten topics whose names hash to the same stripe, and a topic that is made
     * (again) goes on from there. Its old cursors are then at or before its start: before it means
     * TRIMMED, perhaps needlessly, and at it nothing was missed, for no topic of the stripe has
     * ever gone further. Stripes make the needless case rare, where one mark for all would make it
     * the rule.
     *
     * For patterns the same is kept by what the names begin with: one to PREFIXES whole segments,
     * or nothing. A pattern asks for the segments that it begins with. Topics that only begin like
     * those that it matches make a needless case too, as jobs/7/status for all patterns of jobs.
     *
     * The price is 128 KiB, whatever the number of topics.
     */
    private static final int STRIPES = 4096;
    private static final int PREFIXES = 4;

    private final Marks topics = new Marks();
    private final Marks prefixes = new Marks();

    private static final class Marks {
        private final AtomicLongArray tails = new AtomicLongArray(STRIPES);
        private final AtomicLongArray trimmed = new AtomicLongArray(STRIPES);

        Marks() {
            for (int i = 0; i < STRIPES; i++) {
                trimmed.setPlain(i, Long.MIN_VALUE);
            }
        }

        void add(String name, long tail, long newestTrimmed) {
            int stripe = stripe(name);
            tails.accumulateAndGet(stripe, tail, Math::max);
            trimmed.accumulateAndGet(stripe, newestTrimmed, Math::max);
        }

        long tail(String name) {
            return tails.get(stripe(name));
        }

        long newestTrimmed(String name) {
            return trimmed.get(stripe(name));
        }

        private static int stripe(String name) {
            int hash = name.hashCode() * 0x9E3779B9; // spreads names that differ in the end only
            return (hash >>> 16 ^ hash) & (STRIPES - 1);
        }
    }

    /**
     * Notes a topic before it is forgotten.
     *
     * @param tail its last sequence
     * @param newestTrimmed the latest time of an entry that it has lost
     */
    void add(String topic, long tail, long newestTrimmed) {
        topics.add(topic, tail, newestTrimmed);
    }

    /**
     * Notes a topic that has lost entries before it is forgotten.
     *
     * @param tail its last sequence
     * @param newestTrimmed the latest time of an entry that it has lost
     */
    void addForPatterns(String topic, long tail, long newestTrimmed) {
        int end = 0;
        for (int prefix = 0; prefix <= PREFIXES && end >= 0; prefix++) {
            prefixes.add(topic.substring(0, end), tail, newestTrimmed);
            end = topic.indexOf('/', end + 1);
        }
    }

    /** {@return the sequence after which a new topic of this name begins} */
    long tail(String topic) {
        return topics.tail(topic);
    }

    /** {@return the latest time of which a new topic of this name may lack an entry} */
    long newestTrimmed(String topic) {
        return topics.newestTrimmed(topic);
    }

    /** {@return the last sequence up to which topics of this pattern may have lost entries} */
    long tail(TopicPattern pattern) {
        return prefixes.tail(prefix(pattern));
    }

    /** {@return the latest time of which topics of this pattern may have lost an entry} */
    long newestTrimmed(TopicPattern pattern) {
        return prefixes.newestTrimmed(prefix(pattern));
    }

    private static String prefix(TopicPattern pattern) {
        return pattern.segments().stream()
                .takeWhile(segment -> !TopicPattern.isPattern(segment))
                .limit(PREFIXES)
                .collect(Collectors.joining("/"));
    }
}
