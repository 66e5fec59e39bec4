package dev.longwave.broker;

import org.jspecify.annotations.Nullable;

/**
 * Where an event stands in the log of its topic.
 *
 * <p>Positions of one topic are ordered within one epoch. A new epoch means that the log was lost
 * or replaced, so that positions of two epochs say nothing about each other. The text form is
 * {@code epoch-major[-minor][_stamp]}, unsigned and in base 36.
 *
 * <p>A log that is put back from a copy gives the same places to other events, in the same epoch.
 * So a position may carry a stamp, by which a log knows whether the event that stands there is the
 * one that the position came from: see {@link #contradicts}. The stamp is no part of the place:
 * {@link #equals} and {@link #isAfter} ignore it.
 *
 * @param epoch names the incarnation of the log; any value
 * @param major the coarse place in the log, 0 or more
 * @param minor the place among events of the same {@code major}, 0 or more; brokers that need one
 *     number leave it 0
 * @param stamp tells two events apart that were given the same place one after the other: the time
 *     of the event that stands here, in milliseconds since 1970, even if that is of another topic
 *     in a log that topics share; 0 if it is unknown, or if the broker never gives a place twice
 */
public record Position(long epoch, long major, long minor, long stamp) {

    /** The longest text form: four 64-bit numbers in base 36, and three separators. */
    public static final int MAX_TEXT_LENGTH = 4 * 13 + 3;

    private static final int RADIX = 36;

    public Position {
        if (major < 0 || minor < 0 || stamp < 0) {
            throw new IllegalArgumentException(
                    "position below zero major=%d minor=%d stamp=%d"
                            .formatted(major, minor, stamp));
        }
    }

    /** A position without a stamp. */
    public Position(long epoch, long major, long minor) {
        this(epoch, major, minor, 0);
    }

    /** A position with one number. */
    public Position(long epoch, long major) {
        this(epoch, major, 0, 0);
    }

    /** {@return the same place, where an event of this time stands, in milliseconds since 1970} */
    public Position stamped(long millis) {
        return new Position(epoch, major, minor, millis);
    }

    /**
     * {@return whether the two are of different events at one place} One of the two is then from
     * before the log was put back from a copy.
     */
    public boolean contradicts(Position other) {
        return stamp != 0 && other.stamp != 0 && stamp != other.stamp && equals(other);
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
        String place = text.toString();
        int mark = place.indexOf('_');
        String stamp = mark < 0 ? "0" : place.substring(mark + 1);
        String[] parts = (mark < 0 ? place : place.substring(0, mark)).split("-", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw malformed(text);
        }
        try {
            return new Position(
                    number(parts[0]),
                    number(parts[1]),
                    parts.length == 3 ? number(parts[2]) : 0,
                    number(stamp));
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
                "not a position: expected epoch-major[-minor][_stamp] in base 36 length="
                        + text.length());
    }

    /** {@return whether {@code other} is the same place, whatever the stamps} */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Position that
                && epoch == that.epoch
                && major == that.major
                && minor == that.minor;
    }

    @Override
    public int hashCode() {
        return Long.hashCode((epoch * 31 + major) * 31 + minor);
    }

    @Override
    public String toString() {
        String text =
                Long.toUnsignedString(epoch, RADIX) + '-' + Long.toUnsignedString(major, RADIX);
        if (minor != 0) {
            text += '-' + Long.toUnsignedString(minor, RADIX);
        }
        return stamp == 0 ? text : text + '_' + Long.toUnsignedString(stamp, RADIX);
    }
}
