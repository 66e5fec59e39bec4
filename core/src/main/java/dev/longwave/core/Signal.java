package dev.longwave.core;

/** Something that is told when a topic has news. */
interface Signal {

    /**
     * There is news. Any thread, any time; does not block.
     *
     * @return whether a waiting thread was woken, which has the work to do
     */
    boolean signal();

    /**
     * Reads what {@link #signal()} will need, and nothing comes of it: see {@link
     * Subscribers.Shard}. Any thread, any time; does not block.
     *
     * @return something that depends on all that was read
     */
    default int touch() {
        return 0;
    }
}
