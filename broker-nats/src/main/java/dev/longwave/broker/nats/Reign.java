package dev.longwave.broker.nats;

import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The time in which one node puts all messages in order. Of two that rule at once all nodes follow
 * the later one: that with the higher term, or with the higher epoch if the terms are the same.
 *
 * @param term one more than that of the reign before it
 * @param epoch of the positions given out in it; random
 */
record Reign(long term, long epoch) implements Comparable<Reign> {

    private static final int RADIX = 36;
    private static final int EPOCH_BITS = 40; // enough to differ, and short in every event id
    private static final Pattern TEXT = Pattern.compile("([0-9a-z]{1,12})-([0-9a-z]{1,12})");
    private static final SecureRandom RANDOM = new SecureRandom();

    /** {@return a reign after {@code last}, or the first of all} */
    static Reign after(@Nullable Reign last) {
        long epoch = RANDOM.nextLong() >>> (Long.SIZE - EPOCH_BITS);
        return new Reign(last == null ? 1 : last.term + 1, epoch);
    }

    /** {@return the reign that was written as {@code text}, if it was} */
    static Optional<Reign> parse(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(
                        new Reign(
                                Long.parseLong(matcher.group(1), RADIX),
                                Long.parseLong(matcher.group(2), RADIX)))
                : Optional.empty();
    }

    @Override
    public int compareTo(Reign other) {
        int byTerm = Long.compare(term, other.term);
        return byTerm != 0 ? byTerm : Long.compare(epoch, other.epoch);
    }

    /** {@return the text form: a token of a subject} */
    @Override
    public String toString() {
        return Long.toString(term, RADIX) + '-' + Long.toString(epoch, RADIX);
    }
}
