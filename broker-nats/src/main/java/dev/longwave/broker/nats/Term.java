package dev.longwave.broker.nats;

import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The time during which one node is the sequencer. If two nodes are sequencers at once, all nodes
 * follow the one with the later term: the higher number or, if the numbers are equal, the higher
 * epoch.
 *
 * @param number one more than that of the term before it
 * @param epoch the epoch of all positions assigned in this term; random
 */
record Term(long number, long epoch) implements Comparable<Term> {

    private static final int RADIX = 36;
    private static final int EPOCH_BITS = 40; // enough to differ, and short in every event id
    private static final Pattern TEXT = Pattern.compile("([0-9a-z]{1,12})-([0-9a-z]{1,12})");
    private static final SecureRandom RANDOM = new SecureRandom();

    /** {@return a term later than {@code last}; if that is null, the first term} */
    static Term after(@Nullable Term last) {
        long epoch = RANDOM.nextLong() >>> (Long.SIZE - EPOCH_BITS);
        return new Term(last == null ? 1 : last.number + 1, epoch);
    }

    /** {@return the term with this text form, or nothing if {@code text} is no term} */
    static Optional<Term> parse(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(
                        new Term(
                                Long.parseLong(matcher.group(1), RADIX),
                                Long.parseLong(matcher.group(2), RADIX)))
                : Optional.empty();
    }

    @Override
    public int compareTo(Term other) {
        int byNumber = Long.compare(number, other.number);
        return byNumber != 0 ? byNumber : Long.compare(epoch, other.epoch);
    }

    /** {@return the text form, which is one token of a subject} */
    @Override
    public String toString() {
        return Long.toString(number, RADIX) + '-' + Long.toString(epoch, RADIX);
    }
}
