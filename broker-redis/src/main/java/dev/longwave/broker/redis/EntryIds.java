package dev.longwave.broker.redis;

import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;

/** Converts between positions and the server's stream entry ids. */
final class EntryIds {
    /*
     * The entry `ms-seq` has the position (ms, seq + 1). That leaves (ms, 0) for a moment: it comes
     * before all entries of that millisecond, and is never the position of an entry. Moments mark
     * the beginning of topics that the server knows nothing about. The two must be distinguishable:
     * an entry that is not in the log was trimmed or lost, but a moment never is in the log.
     *
     * A cut, written `ms!`, is a moment after which the log goes on although it has lost entries
     * that came before: see LogPage.
     *
     * Epochs are written in base 36, as in the text form of positions.
     */
    private static final int RADIX = 36;

    private EntryIds() {}

    /** {@return the position of the entry `ms-seq`, the moment `ms`, or the cut `ms!`} */
    static Position position(long epoch, String id) {
        int dash = id.indexOf('-');
        int end = isCut(id) ? id.length() - 1 : id.length();
        return dash < 0
                ? moment(epoch, Long.parseLong(id, 0, end, 10))
                : new Position(
                        epoch,
                        Long.parseLong(id, 0, dash, 10),
                        Long.parseLong(id, dash + 1, id.length(), 10) + 1);
    }

    static Position moment(long epoch, long millis) {
        return new Position(epoch, millis, 0);
    }

    static boolean isCut(String id) {
        return id.endsWith("!");
    }

    static boolean isMoment(Position position) {
        return position.minor() == 0;
    }

    /** {@return the id of the entry at {@code position}, or the least one after a moment} */
    static String id(Position position) {
        return position.major() + "-" + Math.max(0, position.minor() - 1);
    }

    /** {@return the end of an XRANGE that includes everything up to {@code position}} */
    static String upTo(Position position) {
        if (!isMoment(position)) {
            return id(position);
        }
        return position.major() == 0 ? "0-0" : "(" + id(position);
    }

    static String epochText(long epoch) {
        return Long.toUnsignedString(epoch, RADIX);
    }

    static long epoch(String text) {
        return Long.parseUnsignedLong(text, RADIX);
    }

    static String text(byte[] ascii) {
        return new String(ascii, StandardCharsets.ISO_8859_1);
    }
}
