package dev.longwave.server.centrifuge;

import dev.longwave.broker.Position;
import java.util.Optional;
import java.util.OptionalLong;

/** Positions in the words of the protocol: an epoch, which is text, and an offset, which grows. */
final class StreamOffset {
    /*
     * An offset must be a whole number that JavaScript has. Brokers that count leave the minor number at 0, and do not
     * reach 2^40. Redis counts milliseconds, which are beyond 2^40 since 2004, and the entries within each. So the
     * offsets from 2^40 on have twelve bits for the minor number, and do until the year 2074.
     *
     * A position that has no offset cannot be told, and nothing is guessed in its place.
     */
    private static final long PLAIN = 1L << 40;
    private static final int MINORS = 1 << 12;
    private static final int RADIX = 36;

    /** The largest one: all whole numbers up to it are numbers in JavaScript. */
    static final long MAX = 1L << 53;

    private StreamOffset() {}

    /** {@return the offset of {@code position} within its epoch, if it can be told} */
    static OptionalLong of(Position position) {
        long major = position.major();
        long minor = position.minor();
        if (major < PLAIN) {
            return minor == 0 ? OptionalLong.of(major) : OptionalLong.empty();
        }
        boolean fits = minor < MINORS && major - PLAIN <= (MAX - PLAIN - minor) / MINORS;
        return fits
                ? OptionalLong.of(PLAIN + (major - PLAIN) * MINORS + minor)
                : OptionalLong.empty();
    }

    /** {@return the epoch of {@code position}} */
    static String epoch(Position position) {
        return Long.toUnsignedString(position.epoch(), RADIX);
    }

    /** {@return the position that a client names, if it is one that it can have been told} */
    static Optional<Position> position(String epoch, long offset) {
        if (offset < 0 || offset > MAX) {
            return Optional.empty();
        }
        long number;
        try {
            number = Long.parseUnsignedLong(epoch, RADIX);
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
        return Optional.of(
                offset < PLAIN
                        ? new Position(number, offset)
                        : new Position(
                                number,
                                PLAIN + (offset - PLAIN) / MINORS,
                                (offset - PLAIN) % MINORS));
    }
}
