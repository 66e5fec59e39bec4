package dev.longwave.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one node knows of a topic or pattern that it serves.
 *
 * @param name the topic or pattern
 * @param subscribers how many streams of this node read it
 * @param events how many events this node has handed to them since it began to serve it, gaps
 *     included
 * @param lastEvent when the latest event was published; null if the node has seen none
 */
public record TopicFigures(
        String name, int subscribers, long events, @Nullable Instant lastEvent) {}
