package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class BackoffTest {

    private static final Duration FIRST = Duration.ofMillis(100);

    private final Backoff backoff = new Backoff(new SplittableRandom(1));

    @Test
    void doublesUpToItsCapAndAddsUpToHalfByChance() {
        for (long expected : new long[] {100, 200, 400, 800, 1_600, 3_200}) {
            assertThat(backoff.next(FIRST).toMillis()).isBetween(expected, expected * 3 / 2);
        }
        for (int i = 0; i < 100; i++) {
            backoff.next(FIRST);
        }

        assertThat(backoff.next(FIRST).toMillis()).isBetween(30_000L, 45_000L);
    }

    @Test
    void startsAnewAfterASuccess() {
        backoff.next(FIRST);
        backoff.next(FIRST);
        backoff.reset();

        assertThat(backoff.next(FIRST).toMillis()).isBetween(100L, 150L);
    }

    @Test
    void waitsAtLeastAsLongAsTheServerAsks() {
        Duration asked = Duration.ofMinutes(2);

        assertThat(backoff.next(asked)).isBetween(asked, Duration.ofMinutes(3));
    }
}
