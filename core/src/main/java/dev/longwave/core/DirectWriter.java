package dev.longwave.core;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

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
     * {@return what calls {@link #tryWrite} in place of the threads that signal the outbox, which
     * must not wait; null if they may call it} It runs each task, of which there is at most one at
     * a time, soon and once, and never on the thread that hands it over. It must not fail.
     */
    default @Nullable Executor executor() {
        return null;
    }

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
