package dev.longwave.testing;

import java.util.Arrays;
import java.util.List;

/**
 * Where a client of the Centrifuge protocol stands in one topic.
 *
 * @param topic the topic
 * @param epoch of the topic's log
 * @param offset of the last event that the client received
 */
public record CentrifugePosition(String topic, String epoch, long offset) {
    /*
     * The protocol has no ids of events. In their place, as text, tests use the positions of all topics of a connection,
     * separated by commas.
     */

    /** {@return the positions in an event id, none if it is empty} */
    public static List<CentrifugePosition> all(String id) {
        return id.isEmpty()
                ? List.of()
                : Arrays.stream(id.split(",", -1)).map(CentrifugePosition::parse).toList();
    }

    private static CentrifugePosition parse(String text) {
        String[] parts = text.split(":", -1);
        return new CentrifugePosition(
                PublishClient.decoded(parts[0]), parts[1], Long.parseLong(parts[2]));
    }

    /** {@return this position as it stands in an event id} */
    public String text() {
        return PublishClient.encoded(topic) + ':' + epoch + ':' + offset;
    }
}
