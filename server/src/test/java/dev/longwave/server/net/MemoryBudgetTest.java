package dev.longwave.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class MemoryBudgetTest {

    private final MemoryBudget budget = new MemoryBudget(100);

    @Test
    @SuppressWarnings("try") // closed early on purpose
    void sharesWhatThereIs() {
        try (MemoryBudget.Share one = budget.share();
                MemoryBudget.Share other = budget.share()) {
            assertThat(one.tryGrow(60)).isTrue();
            assertThat(other.tryGrow(41)).isFalse();
            assertThat(other.tryGrow(40)).isTrue();
            assertThat(one.tryGrow(1)).isFalse();

            one.close();

            assertThat(budget.taken()).isEqualTo(40);
            assertThat(other.tryGrow(60)).isTrue();
        }
        assertThat(budget.taken()).isZero();
    }

    @Test
    @SuppressWarnings("try") // closed twice on purpose
    void givesAShareBackOnce() {
        try (MemoryBudget.Share share = budget.share()) {
            assertThat(share.tryGrow(50)).isTrue();
            share.close();
        }
        assertThat(budget.taken()).isZero();
    }

    @Test
    void losesNothingBetweenThreads() throws InterruptedException {
        var threads = Executors.newFixedThreadPool(4);
        for (int i = 0; i < 4; i++) {
            threads.execute(() -> {
                for (int j = 0; j < 10_000; j++) {
                    try (MemoryBudget.Share share = budget.share()) {
                        var _ = share.tryGrow(60);
                        assertThat(budget.taken()).isLessThanOrEqualTo(100 + 3 * 60);
                    }
                }
            });
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(1, TimeUnit.HOURS)).isTrue();

        assertThat(budget.taken()).isZero();
    }
}
