package dev.longwave.core;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A reader of a log that is being appended to: see the argument in {@link TopicLog}. */
final class TopicLogStress {
    private TopicLogStress() {}

    private static final int RIGHT = 1;
    private static final int LAPPED = 0;
    private static final int WRONG = -1;

    /** What a reader finds at {@code sequence}. */
    private static int read(TopicLog log, long sequence) {
        Event event = log.read(sequence);
        if (event == null) {
            return LAPPED;
        }
        boolean complete =
                event.entry() != null && event.position().major() == sequence && event.size() > 0;
        return event.sequence() == sequence && complete ? RIGHT : WRONG;
    }

    /** The event that `latest` names is there and complete, also while the ring grows. */
    @JCStressTest
    @Outcome(id = "[0-6], 1", expect = Expect.ACCEPTABLE, desc = "the latest, complete")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, wrong, or incomplete")
    @State
    public static class GrowingLog {
        private final TopicLog log = Events.log();

        @Actor
        public void appender() {
            for (int i = 1; i <= 6; i++) {
                log.append(Events.event(i));
            }
        }

        @Actor
        public void reader(II_Result result) {
            long latest = log.latest();
            result.r1 = (int) latest;
            result.r2 = latest == 0 ? RIGHT : read(log, latest);
        }
    }

    /** A reader that is overtaken finds out, and never takes another event for its own. */
    @JCStressTest
    @Outcome(id = "1, [01]", expect = Expect.ACCEPTABLE, desc = "right first, then right or lapped")
    @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "lapped, and it stays so")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a wrong event")
    @State
    public static class LappedReader {
        private final TopicLog log = Events.log();

        public LappedReader() {
            log.append(Events.event(1));
        }

        @Actor
        public void appender() {
            for (int i = 2; i <= 12; i++) {
                log.append(Events.event(i));
            }
        }

        @Actor
        public void reader(II_Result result) {
            result.r1 = read(log, 1);
            result.r2 = read(log, 1);
        }
    }
}
