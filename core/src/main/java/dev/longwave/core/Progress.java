package dev.longwave.core;

import dev.longwave.broker.Position;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far a stream has come in one of its topics.
 *
 * @param topic a topic or pattern
 * @param since when the stream began to read it
 * @param from where it began: events before were not asked for. Null if it is not known
 * @param fromIncluded whether the event at {@code from} was asked for: the one that ended the topic
 * @param cursor the last event that was taken for the client, or where it began; null for none
 * @param latest the last event that this node has received from the broker; null if it is not known
 * @param waiting how many events wait for the client in the topic's log, about; negative while
 *     history is read
 */
public record Progress(
        String topic,
        Instant since,
        @Nullable Position from,
        boolean fromIncluded,
        @Nullable Position cursor,
        @Nullable Position latest,
        long waiting) {}
