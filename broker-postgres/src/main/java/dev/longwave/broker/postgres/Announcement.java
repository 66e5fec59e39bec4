package dev.longwave.broker.postgres;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Word of an event: what a notification carries, as lines {@code sequence topic}.
 *
 * @param topic the topic, which has no line break in it
 * @param sequence of an event that is committed
 */
record Announcement(String topic, long sequence) {

    private static final int MAX_PAYLOAD_BYTES = 7_900; // the server takes 7,999

    /** {@return the payloads of notifications that tell of the newest sequence of these topics} */
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

    /** {@return what a payload tells of; lines that are none of ours are left out} */
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
                    // Anyone may notify on a channel.
                }
            }
        }
        return announcements;
    }
}
