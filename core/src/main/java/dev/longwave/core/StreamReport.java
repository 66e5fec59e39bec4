package dev.longwave.core;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a stream knows of itself: for operators who ask why its client did not get an event.
 *
 * @param topics how far it has come in each topic
 * @param marks what else has happened to it, oldest first; the latest {@value #MAX_MARKS}
 * @param forgottenUntil when the last mark was made that is not among these; null if all are
 * @param writing whether the last events that were taken may not have been written yet
 */
public record StreamReport(
        List<Progress> topics,
        List<Mark> marks,
        @Nullable Instant forgottenUntil,
        boolean writing) {

    /** How many marks of a stream are kept. */
    public static final int MAX_MARKS = 16;

    public StreamReport {
        topics = List.copyOf(topics);
        marks = List.copyOf(marks);
    }
}
