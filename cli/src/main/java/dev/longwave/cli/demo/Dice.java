package dev.longwave.cli.demo;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Randomness in the terms that scripts think in. As safe for threads as its generator. */
record Dice(RandomGenerator random) {

    private static final int ID_LENGTH = 8;

    /** {@return a number between the two, both included} */
    int between(int least, int most) {
        return random.nextInt(least, most + 1);
    }

    /** {@return a time between the two, both included} */
    Duration millis(int least, int most) {
        return Duration.ofMillis(between(least, most));
    }

    /**
     * {@return a new name for a topic} Random rather than counted: a broker may still remember the
     * topics that an earlier run of the demo has ended.
     */
    String id() {
        return Long.toString(random.nextLong() >>> 1, Character.MAX_RADIX)
                .transform(text -> "0".repeat(ID_LENGTH) + text)
                .transform(text -> text.substring(text.length() - ID_LENGTH));
    }
}
