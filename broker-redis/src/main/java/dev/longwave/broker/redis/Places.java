package dev.longwave.broker.redis;

import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;

/** Positions, and what they are to the server. */
final class Places {
    /*
     * The entry `ms-seq` stands at (ms, seq + 1). So (ms, 0) is free for a moment: it stands before
     * all entries of that millisecond, and is never one itself. Moments are where a topic begins of
     * which the server knows nothing. The two must be told apart: an entry that is not in the log
     * was trimmed or lost, whereas a moment never is in it.
     *
     * Epochs are spelt in base 36, as in the text form of positions.
     */
    private static final int RADIX = 36;

    private Places() {}

    /** {@return the position of the entry `ms-seq`, or of the moment `ms`} */
    static Position position(long epoch, String id) {
        int dash = id.indexOf('-');
        return dash < 0
                ? moment(epoch, Long.parseLong(id))
                : new Position(
                        epoch,
                        Long.parseLong(id, 0, dash, 10),
                        Long.parseLong(id, dash + 1, id.length(), 10) + 1);
    }

    static Position moment(long epoch, long millis) {
        return new Position(epoch, millis, 0);
    }

    static boolean isMoment(Position position) {
        return position.minor() == 0;
    }

    /** {@return the id of the entry at {@code position}, or the least one after a moment} */
    static String id(Position position) {
        return position.major() + "-" + Math.max(0, position.minor() - 1);
    }

    /** {@return the last id up to {@code position}, as the end of a range} */
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
