package dev.longwave.broker.postgres;

import dev.longwave.broker.Position;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Announces a committed event to the other nodes. A notification carries one or more of them, each
 * as a line {@code sequence~stamp topic}; nodes of an older version leave out the stamp.
 *
 * @param topic the topic, which contains no line break
 * @param place where the event stands
 */
record Announcement(String topic, Place place) {

    private static final int MAX_PAYLOAD_BYTES = 7_900; // the server accepts 7,999
    private static final int DECIMAL = 10;
    private static final String DELETION = "!";

    /**
     * A position without its epoch, which notifications do not contain.
     *
     * @param sequence the sequence of the event
     * @param stamp its time in milliseconds since 1970; 0 if unknown
     */
    record Place(long sequence, long stamp) {

        static Place of(Position position) {
            return new Place(position.major(), position.stamp());
        }

        /** {@return the position in the log of this epoch} */
        Position in(long epoch) {
            return new Position(epoch, sequence).stamped(stamp);
        }

        /**
         * {@return the later one of the two} A log that was put back begins again further ahead.
         */
        Place max(Place other) {
            boolean later =
                    (stamp != 0 && other.stamp != 0 && stamp != other.stamp)
                            ? stamp > other.stamp
                            : sequence > other.sequence;
            return later ? this : other;
        }
    }

    /** {@return the payload of the notification that all events up to {@code upTo} are deleted} */
    static String ofDeletion(String topic, Position upTo) {
        return DELETION + payloads(Map.of(topic, Place.of(upTo))).getFirst();
    }

    /** {@return whether the rest of a payload tells of a deletion} */
    static boolean isOfDeletion(String payload) {
        return payload.startsWith(DELETION);
    }

    /** {@return the payloads of the notifications that announce these places by topic} */
    static List<String> payloads(Map<String, Place> newest) {
        var payloads = new ArrayList<String>();
        var payload = new StringBuilder();
        int bytes = 0;
        for (Map.Entry<String, Place> each : newest.entrySet()) {
            Place place = each.getValue();
            String line = place.sequence + "~" + place.stamp + ' ' + each.getKey();
            int length = line.getBytes(StandardCharsets.UTF_8).length + 1;
            if (bytes > 0 && bytes + length > MAX_PAYLOAD_BYTES) {
                payloads.add(payload.toString());
                payload.setLength(0);
                bytes = 0;
            }
            if (bytes > 0) {
                payload.append('\n');
            }
            payload.append(line);
            bytes += length;
        }
        if (bytes > 0) {
            payloads.add(payload.toString());
        }
        return payloads;
    }

    /** {@return the announcements in a payload, without lines that Longwave cannot have sent} */
    static List<Announcement> parse(String payload) {
        var announcements = new ArrayList<Announcement>();
        for (String line : payload.split("\n", -1)) {
            int space = line.indexOf(' ');
            Place place = space > 0 ? place(line.substring(0, space)) : null;
            if (place != null) {
                announcements.add(new Announcement(line.substring(space + 1), place));
            }
        }
        return announcements;
    }

    private static @Nullable Place place(String text) {
        int tilde = text.indexOf('~');
        try {
            long sequence = Long.parseLong(tilde < 0 ? text : text.substring(0, tilde), DECIMAL);
            long stamp = tilde < 0 ? 0 : Long.parseLong(text.substring(tilde + 1), DECIMAL);
            return sequence > 0 && stamp >= 0 ? new Place(sequence, stamp) : null;
        } catch (NumberFormatException _) {
            return null; // any role may send notifications on a channel
        }
    }
}
