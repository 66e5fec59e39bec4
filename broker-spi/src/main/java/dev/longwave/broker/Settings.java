package dev.longwave.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Typed access to settings: flat keys, such as {@code sse.heartbeat-interval}, and text values.
 *
 * <p>Reading a key makes it known; {@link #refuseUnknown()} then stops at any key that nobody read,
 * and names the nearest known one. Each read says the default and what the setting is for, so that
 * the reference table is made from the code that reads them. Not safe for many threads: settings
 * are read once, at the start.
 */
public final class Settings {

    private final Map<String, String> values;
    private final String prefix;
    private final Map<String, Known> known;

    /** A setting that was read. Immutable. */
    public static final class Known {

        private final String key;
        private final String kind;
        private final String fallback;
        private final boolean rule;
        private final String purpose;

        private Known(String key, String kind, String fallback, boolean rule, String purpose) {
            this.key = key;
            this.kind = kind;
            this.fallback = fallback;
            this.rule = rule;
            this.purpose = purpose;
        }

        /** {@return its full key} */
        public String key() {
            return key;
        }

        /** {@return what its values look like} */
        public String kind() {
            return kind;
        }

        /** {@return the default as text, or the rule that gives it; empty for none} */
        public String fallback() {
            return fallback;
        }

        /**
         * {@return whether {@link #fallback()} is a rule in words, as the default depends on the
         * machine}
         */
        public boolean fallbackIsRule() {
            return rule;
        }

        /** {@return what the setting is for: one sentence for the reference table} */
        public String purpose() {
            return purpose;
        }

        @Override
        public String toString() {
            return key;
        }
    }

    /** Settings with these values, by full key. */
    public Settings(Map<String, String> values) {
        this(new TreeMap<>(values), "", new LinkedHashMap<>());
    }

    private Settings(Map<String, String> values, String prefix, Map<String, Known> known) {
        this.values = values;
        this.prefix = prefix;
        this.known = known;
    }

    /** {@return a view of the settings below {@code section}, whose keys are given without it} */
    public Settings section(String section) {
        return new Settings(values, prefix + section + '.', known);
    }

    /** {@return the names directly below this section that have a value or values below them} */
    public List<String> names() {
        var names = new TreeSet<String>();
        for (String key : values.keySet()) {
            if (key.startsWith(prefix)) {
                names.add(key.substring(prefix.length()).split("\\.", 2)[0]);
            }
        }
        return List.copyOf(names);
    }

    /** {@return the text at {@code key}, or {@code fallback}} */
    public String text(String key, String fallback, String purpose) {
        return read(key, "text", fallback, purpose).orElse(fallback);
    }

    /** {@return the text at {@code key}, if there is any} */
    public Optional<String> text(String key, String purpose) {
        return read(key, "text", "", purpose);
    }

    /** {@return the comma-separated values at {@code key}, or {@code fallback}} */
    public List<String> list(String key, List<String> fallback, String purpose) {
        return read(key, "list", String.join(",", fallback), purpose)
                .map(text -> List.of(text.strip().split("\\s*,\\s*")))
                .orElse(fallback);
    }

    /** {@return the whole number at {@code key}, within the bounds given} */
    public long number(String key, long fallback, long min, long max, String purpose) {
        return read(key, "number", Long.toString(fallback), purpose)
                .map(text -> parsedNumber(key, text, min, max))
                .orElse(fallback);
    }

    /**
     * {@return the whole number at {@code key}, within the bounds given; its default depends on the
     * machine}
     *
     * @param fallback the default on this machine
     * @param rule how the default follows from the machine, in words for the reference table, which
     *     must be the same wherever it is made
     */
    public long number(String key, long fallback, String rule, long min, long max, String purpose) {
        return read(key, "number", rule, true, purpose)
                .map(text -> parsedNumber(key, text, min, max))
                .orElse(fallback);
    }

    private long parsedNumber(String key, String text, long min, long max) {
        try {
            return within(key, Long.parseLong(text), min, max);
        } catch (NumberFormatException _) {
            throw bad(key, text, "a whole number");
        }
    }

    /** {@return whether {@code key} is on} */
    public boolean flag(String key, boolean fallback, String purpose) {
        return read(key, "true or false", Boolean.toString(fallback), purpose)
                .map(text ->
                        switch (text) {
                            case "true" -> true;
                            case "false" -> false;
                            default -> throw bad(key, text, "true or false");
                        })
                .orElse(fallback);
    }

    /**
     * {@return the duration at {@code key}, as {@code 15s} or {@code PT15S}, within the bounds
     * given}
     *
     * @see Durations#parse
     */
    public Duration duration(
            String key, Duration fallback, Duration min, Duration max, String purpose) {
        return read(key, "duration", fallback.toString(), purpose)
                .map(text -> {
                    Duration duration;
                    try {
                        duration = Durations.parse(text);
                    } catch (IllegalArgumentException _) {
                        throw bad(key, text, "a duration, as 15s, 2m, 1h, or PT15S");
                    }
                    if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
                        throw outOfRange(key, text, min.toString(), max.toString());
                    }
                    return duration;
                })
                .orElse(fallback);
    }

    /**
     * {@return the size at {@code key} in bytes, within the bounds given}: a number with the unit
     * B, KiB, MiB or GiB
     */
    public long size(String key, long fallback, long min, long max, String purpose) {
        return read(key, "size", sizeText(fallback), purpose)
                .map(text -> within(key, bytes(key, text), min, max))
                .orElse(fallback);
    }

    /**
     * {@return the size at {@code key} in bytes, within the bounds given; its default depends on
     * the machine}
     *
     * @param fallback the default on this machine
     * @param rule how the default follows from the machine, in words for the reference table, which
     *     must be the same wherever it is made
     */
    public long size(String key, long fallback, String rule, long min, long max, String purpose) {
        return read(key, "size", rule, true, purpose)
                .map(text -> within(key, bytes(key, text), min, max))
                .orElse(fallback);
    }

    /** {@return the constant of {@code type} that {@code key} names, in lower case with dashes} */
    public <E extends Enum<E>> E choice(String key, E fallback, Class<E> type, String purpose) {
        var words = new ArrayList<String>();
        for (E constant : type.getEnumConstants()) {
            words.add(word(constant));
        }
        String kind = String.join(" or ", words);
        return read(key, kind, word(fallback), purpose)
                .map(text -> {
                    int index = words.indexOf(text);
                    if (index < 0) {
                        throw bad(key, text, kind);
                    }
                    return type.getEnumConstants()[index];
                })
                .orElse(fallback);
    }

    /** {@return all settings read so far, in the order of reading} */
    public List<Known> known() {
        return List.copyOf(known.values());
    }

    /**
     * {@return the full keys, in their order, whose values here are others than in {@code other},
     * or that only one of the two has}
     */
    public List<String> changedFrom(Settings other) {
        var keys = new TreeSet<>(values.keySet());
        keys.addAll(other.values.keySet());
        keys.removeIf(key -> Objects.equals(values.get(key), other.values.get(key)));
        return List.copyOf(keys);
    }

    /**
     * Stops at a key below this section that nobody has read.
     *
     * @throws BrokerConfigurationException naming the key and the nearest known one
     */
    public void refuseUnknown() {
        for (String key : values.keySet()) {
            if (key.startsWith(prefix) && !known.containsKey(key)) {
                String message = "unknown setting: " + key;
                Optional<String> nearest = nearest(key, known.keySet());
                throw new BrokerConfigurationException(
                        nearest.map(name -> message + "; did you mean " + name + "?")
                                .orElse(message));
            }
        }
    }

    /**
     * {@return the candidate that is fewest edits away from {@code word}, if any is near enough to
     * be meant}
     */
    public static Optional<String> nearest(String word, Iterable<String> candidates) {
        String best = null;
        int bestDistance = Math.max(2, word.length() / 3) + 1;
        for (String candidate : candidates) {
            int distance = editDistance(word, candidate);
            if (distance < bestDistance) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    private Optional<String> read(String key, String kind, String fallback, String purpose) {
        return read(key, kind, fallback, false, purpose);
    }

    private Optional<String> read(
            String key, String kind, String fallback, boolean rule, String purpose) {
        String full = prefix + key;
        known.putIfAbsent(full, new Known(full, kind, fallback, rule, purpose));
        @Nullable String value = values.get(full);
        return value == null ? Optional.empty() : Optional.of(value.strip());
    }

    private long bytes(String key, String text) {
        String[] units = {"KiB", "MiB", "GiB", "B"};
        int[] shifts = {10, 20, 30, 0};
        for (int i = 0; i < units.length; i++) {
            if (text.endsWith(units[i])) {
                try {
                    String digits = text.substring(0, text.length() - units[i].length()).strip();
                    return Math.multiplyExact(Long.parseLong(digits), 1L << shifts[i]);
                } catch (NumberFormatException | ArithmeticException _) {
                    break;
                }
            }
        }
        throw bad(key, text, "a size with its unit, as 64KiB (B, KiB, MiB or GiB)");
    }

    private long within(String key, long value, long min, long max) {
        if (value < min || value > max) {
            throw outOfRange(key, Long.toString(value), Long.toString(min), Long.toString(max));
        }
        return value;
    }

    private BrokerConfigurationException bad(String key, String text, String expected) {
        return new BrokerConfigurationException(
                "setting " + prefix + key + " must be " + expected + " value=" + text);
    }

    private BrokerConfigurationException outOfRange(
            String key, String value, String min, String max) {
        return new BrokerConfigurationException(
                "setting %s is out of range value=%s min=%s max=%s"
                        .formatted(prefix + key, value, min, max));
    }

    private static String sizeText(long bytes) {
        for (int shift = 30; shift > 0; shift -= 10) {
            if (bytes != 0 && bytes % (1L << shift) == 0) {
                return (bytes >> shift) + (shift == 30 ? "GiB" : shift == 20 ? "MiB" : "KiB");
            }
        }
        return bytes + "B";
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The Levenshtein distance, by the usual row-by-row table. */
    private static int editDistance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substitution, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }

    @Override
    public String toString() {
        // Values may be secrets.
        return "Settings" + Collections.unmodifiableSet(values.keySet());
    }
}
