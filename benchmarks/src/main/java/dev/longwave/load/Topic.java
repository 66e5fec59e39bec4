package dev.longwave.load;

import java.util.Arrays;

/** A topic and its events in flight. */
final class Topic {
    /** The least number of events that a topic can remember. */
    static final int LEAST_REMEMBERED = 64;

    /*
     * Several connections publish to one topic at the same time, so the server decides on the
     * order. All subscribers must see the events in the order in which the first one received them.
     */
    private final String name;
    private final int mask;
    private final long[] sequences;
    private final int[] orders;
    private final int[] outstanding;
    private int nextOrder;
    private long nextSequence;
    private int subscribers;

    /**
     * @param remembered how many events are remembered, for their order and for how many
     *     subscribers have them: a power of two
     */
    Topic(String name, int remembered) {
        this.name = name;
        mask = remembered - 1;
        sequences = new long[remembered];
        orders = new int[remembered];
        outstanding = new int[remembered];
        Arrays.fill(sequences, -1);
    }

    String name() {
        return name;
    }

    /** Adds a subscriber whose deliveries count. */
    void subscribe() {
        subscribers++;
    }

    int subscribers() {
        return subscribers;
    }

    /** {@return the sequence of the event that is published now} */
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

    /** Notes that a subscriber has the event. {@return whether all subscribers have it} */
    boolean delivered(long sequence) {
        return --outstanding[slot(sequence)] == 0;
    }

    private int slot(long sequence) {
        return (int) sequence & mask;
    }
}
