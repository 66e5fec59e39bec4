package dev.longwave.server.ops;

import java.util.Map;

/**
 * What one node serves at a moment, and what it has done since it started.
 *
 * @param streams open event streams
 * @param byTransport how many of them there are of each kind, by its word
 * @param connections open connections on the public listener
 * @param topics topics in which this node has an interest
 * @param subscriptions topics and patterns that the open streams read, counted once per stream
 * @param events events that the broker has handed to this node, in total
 * @param deliveries events handed to streams, counted once per stream, in total
 * @param gaps gaps reported to streams, counted once per stream, in total
 */
public record NodeFigures(
        int streams,
        Map<String, Integer> byTransport,
        int connections,
        int topics,
        long subscriptions,
        long events,
        long deliveries,
        long gaps) {

    public NodeFigures {
        byTransport = Map.copyOf(byTransport);
    }
}
