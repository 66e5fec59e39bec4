package dev.longwave.core;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The latest marks of one stream. Safe for many threads: what leaves a mark is so rare that a lock
 * costs nothing.
 */
final class Trail {

    private @Nullable Deque<Mark> marks; // null for none, as it mostly is; guarded by this
    private @Nullable Instant forgottenUntil; // likewise

    synchronized void add(Mark mark) {
        Deque<Mark> kept = marks;
        if (kept == null) {
            kept = new ArrayDeque<>(2);
            marks = kept;
        }
        if (kept.size() == StreamReport.MAX_MARKS) {
            forgottenUntil = kept.remove().at();
        }
        kept.add(mark);
    }

    /** What the stream knows of itself. */
    synchronized StreamReport report(List<Progress> topics, boolean writing) {
        List<Mark> kept = marks == null ? List.of() : List.copyOf(marks);
        return new StreamReport(topics, kept, forgottenUntil, writing);
    }
}
