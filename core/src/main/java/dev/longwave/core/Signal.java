package dev.longwave.core;

/** Something that is told when a topic has news. */
interface Signal {

    /**
     * There is news. Any thread, any time; does not block.
     *
     * @return whether a waiting thread was woken, which has the work to do
     */
    boolean signal();
}
