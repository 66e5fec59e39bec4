package dev.longwave.hostile;

/**
 * An event that tells its receiver whether one is missing, and how long it took.
 *
 * @param number 1, 2, 3 and so on
 * @param sentNanos when it was sent first, by {@link System#nanoTime()}
 */
record NumberedEvent(long number, long sentNanos) {

    String data() {
        return number + " " + sentNanos;
    }

    static NumberedEvent parse(String data) {
        String[] parts = data.split(" ", 2);
        return new NumberedEvent(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
    }
}
