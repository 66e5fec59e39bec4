package dev.longwave.broker.postgres;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Announces a committed event to the other nodes. A notification carries one or more of them, each
 * as a line {@code sequence topic}.
 *
 * @param topic the topic, which contains no line break
 * @param sequence the sequence of the event
 */
record Announcement(String topic, long sequence) {

    private static final int MAX_PAYLOAD_BYTES = 7_900; // the server accepts 7,999

    /** {@return the payloads of the notifications that announce these sequences by topic} */
    static List<String> payloads(Map<String, Long> newest) {
        var payloads = new ArrayList<String>();
        var payload = new StringBuilder();
        int bytes = 0;
        for (Map.Entry<String, Long> each : newest.entrySet()) {
            String line = each.getValue() + " " + each.getKey();
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
            if (space > 0) {
                try {
                    long sequence = Long.parseLong(line, 0, space, 10);
                    if (sequence > 0) {
                        announcements.add(new Announcement(line.substring(space + 1), sequence));
                    }
                } catch (NumberFormatException _) {
                    // Any role may send notifications on a channel.
                }
            }
        }
        return announcements;
    }
}
