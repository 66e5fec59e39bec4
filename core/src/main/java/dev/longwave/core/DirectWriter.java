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
     * {@return the connection's batch, always the same} It is for the thread that owns the outbox,
     * which finds it empty and leaves it empty.
     */
    B batch();

    /**
     * Writes what can be written at once, and keeps the remainder for the connection's thread,
     * whose next batch is then empty or follows it. Called by one thread at a time.
     *
     * @param batch the connection's, not empty; it is cleared afterwards, so what is kept must not
     *     depend on it
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
