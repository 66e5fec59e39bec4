package dev.longwave.broker;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Durations as people write them: {@code 5s}, {@code 2m}, {@code 1h30m}, or ISO 8601, as {@code
 * PT5S}.
 */
public final class Durations {

    private static final Pattern UNITS =
            Pattern.compile(
                    "(?:(\\d{1,9})d)?(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9})s)?"
                            + "(?:(\\d{1,9})ms)?");

    private Durations() {}

    /**
     * {@return the duration that {@code text} stands for} Units are {@code d}, {@code h}, {@code
     * m}, {@code s}, and {@code ms}, from the largest to the smallest, each after a whole number; a
     * day has 24 hours.
     *
     * @throws IllegalArgumentException if it is neither that nor an ISO 8601 duration; the message
     *     says what was expected
     */
    public static Duration parse(String text) {
        Matcher units = UNITS.matcher(text);
        if (!text.isEmpty() && units.matches()) {
            return Duration.ofDays(number(units.group(1)))
                    .plusHours(number(units.group(2)))
                    .plusMinutes(number(units.group(3)))
                    .plusSeconds(number(units.group(4)))
                    .plusMillis(number(units.group(5)));
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "not a duration, such as 5s, 2m, 1h30m, or PT5S (ISO 8601)", e);
        }
    }

    /** {@return {@code duration}, which is not negative, in the units that {@link #parse} reads} */
    public static String text(Duration duration) {
        var text = new StringBuilder();
        append(text, duration.toDays(), "d");
        append(text, duration.toHoursPart(), "h");
        append(text, duration.toMinutesPart(), "m");
        append(text, duration.toSecondsPart(), "s");
        append(text, duration.toMillisPart(), "ms");
        return text.isEmpty() ? "0s" : text.toString();
    }

    private static void append(StringBuilder text, long number, String unit) {
        if (number > 0) {
            text.append(number).append(unit);
        }
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
