package dev.longwave.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

final class ThrottleTest {

    private static final int SLEEPERS = 20 * Throttle.SLICE;

    @Test
    void isNeverFurtherAheadThanItsSlices() throws InterruptedException {
        var throttle = new Throttle(Duration.ofMinutes(5));
        var ran = new AtomicInteger();
        List<Thread> sleepers = new ArrayList<>();
        for (int i = 0; i < SLEEPERS; i++) {
            sleepers.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                LockSupport.park();
                                ran.incrementAndGet();
                            }));
        }
        for (Thread sleeper : sleepers) {
            while (sleeper.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }

        int furthest = 0;
        for (int woken = 1; woken <= SLEEPERS; woken++) {
            LockSupport.unpark(sleepers.get(woken - 1));
            furthest = Math.max(furthest, woken - ran.get());
            throttle.woke();
        }

        for (Thread sleeper : sleepers) {
            sleeper.join();
        }
        // Some may be in hand on each processor; all of them would be 2,560.
        assertThat(furthest).isLessThanOrEqualTo(4 * Throttle.SLICE);
    }
}
