package dev.longwave.cli;

import java.time.Duration;
import java.util.Locale;

/** Durations as people read them. */
final class Seconds {

    private Seconds() {}

    /** {@return {@code duration} in seconds, such as {@code 1.25 s}} */
    static String of(Duration duration) {
        return String.format(Locale.ROOT, "%.2f s", duration.toNanos() / 1e9);
    }
}
