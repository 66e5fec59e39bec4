package dev.longwave.server.explain;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The best of a client's streams, by what became of the event on them, and the latest of those that
 * are alike. As clients may have any number of streams, no more are kept than are shown. For one
 * thread.
 */
final class Ranking {

    static final int MAX_STREAMS = 100;

    /** The names of streams come last, so that no two are equal. */
    private static final Comparator<Judged> BEST_FIRST =
            Comparator.comparing((Judged each) -> each.verdict().outcome())
                    .thenComparing(each -> each.stream().opened(), Comparator.reverseOrder())
                    .thenComparing(each -> each.stream().connection());

    /** A stream, and what became of the event on it. */
    record Judged(RecordedStream stream, Verdict verdict) {}

    private final Judge judge;
    private final NavigableSet<Judged> best = new TreeSet<>(BEST_FIRST);
    private final Map<String, Judged> byConnection = new HashMap<>(); // the same
    private boolean more;

    Ranking(Judge judge) {
        this.judge = judge;
    }

    /** Takes in a stream, in the place of what was known of it before. */
    void add(RecordedStream stream) {
        var judged = new Judged(stream, judge.of(stream));
        Judged before = byConnection.put(stream.connection(), judged);
        if (before != null) {
            best.remove(before);
        }
        best.add(judged);
        if (best.size() > MAX_STREAMS) {
            byConnection.remove(best.removeLast().stream().connection());
            more = true;
        }
    }

    /** {@return the best first} */
    List<Judged> best() {
        return List.copyOf(best);
    }

    /** {@return whether there are others} */
    boolean more() {
        return more;
    }
}
