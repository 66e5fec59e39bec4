package dev.longwave.broker;

/**
 * Where an event stands in the log of its topic.
 *
 * <p>Positions of one topic are ordered within one epoch. A new epoch means that the log was lost
 * or replaced, so that positions of two epochs say nothing about each other. The text form is
 * {@code epoch-major} or {@code epoch-major-minor}, unsigned and in base 36.
 *
 * @param epoch names the incarnation of the log; any value
 * @param major the coarse place in the log, 0 or more
 * @param minor the place among events of the same {@code major}, 0 or more; brokers that need one
 *     number leave it 0
 */
public record Position(long epoch, long major, long minor) {

    /** The longest text form: three 64-bit numbers in base 36, and two dashes. */
    public static final int MAX_TEXT_LENGTH = 3 * 13 + 2;

    private static final int RADIX = 36;

    public Position {
        if (major < 0 || minor < 0) {
            throw new IllegalArgumentException(
                    "position below zero major=" + major + " minor=" + minor);
        }
    }

    /** A position with one number. */
    public Position(long epoch, long major) {
        this(epoch, major, 0);
    }

    /**
     * {@return whether this position is later than {@code other}}
     *
     * @throws IllegalArgumentException if the two are of different epochs
     */
    public boolean isAfter(Position other) {
        if (epoch != other.epoch) {
            throw new IllegalArgumentException(
                    "positions of two epochs have no order this=" + this + " other=" + other);
        }
        return major != other.major ? major > other.major : minor > other.minor;
    }

    /** {@return whether the two are of one epoch, and so can be compared} */
    public boolean sameEpoch(Position other) {
        return epoch == other.epoch;
    }

    /**
     * {@return the position that {@code text} stands for}
     *
     * @throws IllegalArgumentException if it is not the text form of a position
     */
    public static Position parse(CharSequence text) {
        if (text.length() > MAX_TEXT_LENGTH) {
            throw malformed(text);
        }
        String[] parts = text.toString().split("-", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw malformed(text);
        }
        try {
            return new Position(
                    number(parts[0]), number(parts[1]), parts.length == 3 ? number(parts[2]) : 0);
        } catch (IllegalArgumentException _) {
            throw malformed(text);
        }
    }

    private static long number(String digits) {
        // parseUnsignedLong also takes a plus sign and upper case; an id has one spelling only.
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'z')) {
                throw new NumberFormatException();
            }
        }
        return Long.parseUnsignedLong(digits, RADIX);
    }

    private static IllegalArgumentException malformed(CharSequence text) {
        return new IllegalArgumentException(
                "not a position: expected epoch-major[-minor] in base 36 length=" + text.length());
    }

    @Override
    public String toString() {
        String text =
                Long.toUnsignedString(epoch, RADIX) + '-' + Long.toUnsignedString(major, RADIX);
        return minor == 0 ? text : text + '-' + Long.toUnsignedString(minor, RADIX);
    }
}
