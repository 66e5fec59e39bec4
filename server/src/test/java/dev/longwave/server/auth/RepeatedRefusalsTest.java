package dev.longwave.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class RepeatedRefusalsTest {

    private final AtomicLong now = new AtomicLong();
    private final RepeatedRefusals refusals = new RepeatedRefusals(2, now::get);

    @Test
    void countsWithinAMinute() {
        assertThat(refusals.isTooMany("a")).isFalse();
        assertThat(refusals.isTooMany("a")).isFalse();
        assertThat(refusals.isTooMany("a")).isTrue();
        assertThat(refusals.isTooMany("b")).isFalse();

        now.addAndGet(Duration.ofMinutes(1).toNanos());

        assertThat(refusals.isTooMany("a")).isFalse();
    }

    @Test
    void forgetsNoClientForAFloodOfOthers() {
        for (int i = 0; i < 3; i++) {
            var _ = refusals.isTooMany("a");
        }
        for (int i = 0; i < 20_000; i++) {
            assertThat(refusals.isTooMany("other " + i)).isFalse();
        }

        assertThat(refusals.isTooMany("a")).isTrue();
        assertThat(refusals.isTooMany("late")).isFalse();
        assertThat(refusals.isTooMany("late")).isFalse();
        assertThat(refusals.isTooMany("late")).isFalse(); // it is not counted

        now.addAndGet(Duration.ofMinutes(1).toNanos());

        for (int i = 0; i < 2; i++) {
            assertThat(refusals.isTooMany("late")).isFalse();
        }
        assertThat(refusals.isTooMany("late")).isTrue();
    }
}
