package dev.longwave.core;

/** Something that is told when a topic has new events. */
interface Signal {

    /**
     * There are new events. Any thread, any time; does not block.
     *
     * @return whether a waiting thread was woken to do the work
     */
    boolean signal();

    /**
     * Reads what {@link #signal()} will need, so that it is in the processor's cache by then: see
     * {@link Subscribers.Shard}. Any thread, any time; does not block.
     *
     * @return a value that depends on everything that was read
     */
    default int prefetch() {
        return 0;
    }
}
