package dev.longwave.load;

import java.util.Arrays;

/** A topic's events under way. */
final class Topic {
    /** How many events of a topic are remembered, for their order and who has them. */
    static final int REMEMBERED = 64;

    /*
     * Several connections publish to one topic at the same time, so the server, not we, decides on
     * the order. The order in which the first subscriber got them counts, for all subscribers.
     */
    private static final int MASK = REMEMBERED - 1;

    private final String name;
    private final long[] sequences = new long[REMEMBERED];
    private final int[] orders = new int[REMEMBERED];
    private final int[] outstanding = new int[REMEMBERED];
    private int nextOrder;
    private long nextSequence;
    private int subscribers;

    Topic(String name) {
        this.name = name;
        Arrays.fill(sequences, -1);
    }

    String name() {
        return name;
    }

    /** One more subscriber whose deliveries count. */
    void subscribe() {
        subscribers++;
    }

    int subscribers() {
        return subscribers;
    }

    /** {@return the sequence of an event which is now published} */
    long next() {
        long sequence = nextSequence++;
        outstanding[slot(sequence)] = subscribers;
        return sequence;
    }

    /** {@return the place of an event in the server's order, or -1 if it is too old to say} */
    int order(long sequence) {
        int slot = slot(sequence);
        if (sequences[slot] < sequence) {
            sequences[slot] = sequence;
            orders[slot] = nextOrder++;
        }
        return sequences[slot] == sequence ? orders[slot] : -1;
    }

    /** Notes a subscriber that has the event. {@return whether all of them have} */
    boolean delivered(long sequence) {
        return --outstanding[slot(sequence)] == 0;
    }

    private static int slot(long sequence) {
        return (int) sequence & MASK;
    }
}
