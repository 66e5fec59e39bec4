package dev.longwave.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Time that passes only by waiting, and at once. For one thread. */
final class FakeTime {

    private final List<Duration> pauses = new ArrayList<>();
    private long now;

    Timing timing() {
        return new Timing(() -> now, this::pause, new SplittableRandom(1));
    }

    /** {@return how long was waited, each time} */
    List<Duration> pauses() {
        return pauses;
    }

    private void pause(Duration duration) {
        pauses.add(duration);
        now += duration.toNanos();
    }
}
