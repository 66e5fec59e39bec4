package dev.longwave.server.session;

import dev.longwave.core.CloseReason;
import java.util.HashMap;
import java.util.Map;

/**
 * What the streams of a node do at a moment, and what they have done since it started.
 *
 * @param byTransport the streams of each kind, by {@link Sink#transport}; those kinds of which
 *     there was one
 * @param ended how many have ended, by reason
 * @param waiting how many events wait for their clients in the logs of topics
 * @param longestWaiting the most of them that wait for one client
 * @param waitingBytes how many bytes wait that are sent beside the events
 * @param replaying how many read history
 * @param stalls how often a client did not take all of a direct write
 */
public record SessionFigures(
        Map<String, Kind> byTransport,
        Map<CloseReason, Long> ended,
        long waiting,
        long longestWaiting,
        long waitingBytes,
        int replaying,
        long stalls) {

    /**
     * The streams of one kind.
     *
     * @param open how many are open
     * @param opened how many were opened
     * @param deliveries how many events were taken for them
     * @param bytes how many bytes were written to their clients
     */
    public record Kind(int open, long opened, long deliveries, long bytes) {}

    public SessionFigures {
        byTransport = Map.copyOf(byTransport);
        ended = Map.copyOf(ended);
    }

    /** {@return how many streams of each kind are open, for those of which there are any} */
    public Map<String, Integer> openByTransport() {
        Map<String, Integer> open = new HashMap<>();
        byTransport.forEach((transport, kind) -> {
            if (kind.open() > 0) {
                open.put(transport, kind.open());
            }
        });
        return open;
    }
}
