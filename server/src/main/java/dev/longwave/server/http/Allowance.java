package dev.longwave.server.http;

import dev.longwave.server.net.MemoryBudget;
import java.util.function.Supplier;

/**
 * What one request takes of a {@link MemoryBudget}, as it needs it. For one thread at a time; to be
 * closed by whoever asked for it.
 */
public final class Allowance implements AutoCloseable {

    private final MemoryBudget.Share share;
    private final Supplier<ProblemException> refusal;

    Allowance(MemoryBudget.Share share, Supplier<ProblemException> refusal) {
        this.share = share;
        this.refusal = refusal;
    }

    /**
     * Takes more.
     *
     * @throws ProblemException if there is none left
     */
    public void take(long bytes) {
        if (bytes > 0 && !share.tryGrow(bytes)) {
            throw refusal.get();
        }
    }

    /** Gives all of it back, to be used again. */
    public void giveBack() {
        share.close();
    }

    @Override
    public void close() {
        giveBack();
    }
}
