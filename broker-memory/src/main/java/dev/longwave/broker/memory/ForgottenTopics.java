package dev.longwave.broker.memory;

import java.util.concurrent.atomic.AtomicLongArray;

/** How far the topics had come that are no longer known. Safe for many threads. */
final class ForgottenTopics {
    /*
     * A topic that nobody used for long must cost nothing, and yet must never give out a sequence
     * twice, or a cursor from before would lie. So its tail is not kept by name, but as the highest
     * tail of all forgotten topics whose names hash to the same stripe, and a topic that is made
     * (again) goes on from there. Its old cursors are then at or before its start: before it means
     * TRIMMED, perhaps needlessly, and at it nothing was missed, for no topic of the stripe has
     * ever gone further. Stripes make the needless case rare, where one mark for all would make it
     * the rule. The price is 64 KiB, whatever the number of topics.
     */
    private static final int STRIPES = 4096;

    private final AtomicLongArray tails = new AtomicLongArray(STRIPES);
    private final AtomicLongArray trimmed = new AtomicLongArray(STRIPES);

    ForgottenTopics() {
        for (int i = 0; i < STRIPES; i++) {
            trimmed.setPlain(i, Long.MIN_VALUE);
        }
    }

    /**
     * Notes a topic before it is forgotten.
     *
     * @param tail its last sequence
     * @param newestTrimmed the latest time of an entry that it has lost
     */
    void add(String topic, long tail, long newestTrimmed) {
        int stripe = stripe(topic);
        tails.accumulateAndGet(stripe, tail, Math::max);
        trimmed.accumulateAndGet(stripe, newestTrimmed, Math::max);
    }

    /** {@return the sequence after which a new topic of this name begins} */
    long tail(String topic) {
        return tails.get(stripe(topic));
    }

    /** {@return the latest time of which a new topic of this name may lack an entry} */
    long newestTrimmed(String topic) {
        return trimmed.get(stripe(topic));
    }

    private static int stripe(String topic) {
        int hash = topic.hashCode() * 0x9E3779B9; // spreads names that differ in the end only
        return (hash >>> 16 ^ hash) & (STRIPES - 1);
    }
}
