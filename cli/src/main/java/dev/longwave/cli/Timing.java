package dev.longwave.cli;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Time and chance, so that tests need neither.
 *
 * @param nanoTime a clock that never goes back
 * @param pause waits
 * @param random where jitter comes from
 */
record Timing(LongSupplier nanoTime, Pause pause, RandomGenerator random) {

    /** Waits for some time. */
    @FunctionalInterface
    interface Pause {
        void pause(Duration duration) throws InterruptedException;
    }

    static Timing system() {
        return new Timing(System::nanoTime, Thread::sleep, new SplittableRandom());
    }
}
