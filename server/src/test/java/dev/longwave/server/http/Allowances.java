package dev.longwave.server.http;

import dev.longwave.server.net.MemoryBudget;

/** Allowances outside of a request. */
public final class Allowances {
    private Allowances() {}

    /** {@return an allowance of {@code budget}} */
    public static Allowance of(MemoryBudget budget) {
        return new Allowance(
                budget.share(),
                () -> Problem.shortOfMemory("request-bytes", budget.max()).exception());
    }
}
