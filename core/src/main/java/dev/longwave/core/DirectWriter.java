package dev.longwave.core;

/**
 * Writes to a client without waiting, for threads that signal an idle {@link Outbox}. It saves
 * waking the connection's own thread, which remains in charge of everything that may take time: a
 * client that does not read, history, the end.
 *
 * @param <B> what the client's transport writes
 */
public interface DirectWriter<B extends Batch> {

    /**
     * {@return an empty batch for {@link #tryWrite}} Called for each direct write: a batch that is
     * used once and forgotten is cheaper than one that the connection keeps, which is in no cache,
     * and which the garbage collector hears of at each write because it is older than the events.
     */
    B batch();

    /**
     * Writes what can be written at once, and keeps the remainder for the connection's thread,
     * whose next batch is then empty or follows it. Called by one thread at a time.
     *
     * @param batch not empty; not used afterwards
     * @return whether everything was written
     */
    boolean tryWrite(B batch);

    /**
     * Reads what {@link #tryWrite} will need, so that it is in the processor's cache by then. Any
     * thread, any time; does not block.
     *
     * @return a value that depends on everything that was read
     */
    default int prefetch() {
        return 0;
    }
}
