package dev.longwave.core;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Threads that need the frames of one event: see the argument in {@link Event}. */
final class EventStress {
    private EventStress() {}

    /** A format that counts how often it encodes. */
    private static final class CountingFormat implements Format<FragileFrame> {
        private final AtomicInteger encoded = new AtomicInteger();

        @Override
        public FragileFrame encode(Event event) {
            encoded.incrementAndGet();
            return new FragileFrame(this);
        }

        int encoded() {
            return encoded.get();
        }
    }

    /** Its fields are not final, so nothing but the event makes sure that others see them set. */
    private static final class FragileFrame extends Frame {
        @SuppressWarnings("FieldMayBeFinal")
        private int begin;

        private int @Nullable [] bytes;

        FragileFrame(CountingFormat format) {
            super(format);
            bytes = new int[] {1, 1};
            begin = 1;
        }

        /** 1 if it is complete, else 0. */
        int seen() {
            int[] present = bytes;
            return present == null ? 0 : begin & present[0] & present[1];
        }
    }

    /**
     * Two threads need the same frame. Both get the one that was made: the second looks again under
     * the lock, or finds it without. What it finds is complete, because the head of the list is
     * stored with release and read with acquire.
     */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "encoded once, complete")
    @Outcome(expect = Expect.FORBIDDEN, desc = "incomplete, encoded twice, or two frames")
    @State
    public static class SameFrame {
        private final CountingFormat format = new CountingFormat();
        private final Event event = Events.event(1);
        private @Nullable Frame first;
        private @Nullable Frame second;

        @Actor
        public void one(III_Result result) {
            FragileFrame frame = event.frame(format);
            result.r1 = frame.seen();
            first = frame;
        }

        @Actor
        public void other(III_Result result) {
            FragileFrame frame = event.frame(format);
            result.r2 = frame.seen();
            second = frame;
        }

        @Arbiter
        @SuppressWarnings("ReferenceEquality") // it must be the same frame
        public void outcome(III_Result result) {
            result.r3 = first == second ? format.encoded() : -1;
        }
    }

    /**
     * Two threads need frames in two formats, in opposite order. Each frame is put in front of the
     * list that its maker finds under the lock, so neither is lost when both are made at the same
     * moment: a lost one would be encoded again, by the other thread or by the arbiter.
     */
    @JCStressTest
    @Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "each encoded once, complete")
    @Outcome(expect = Expect.FORBIDDEN, desc = "incomplete, or encoded more than once")
    @State
    public static class TwoFormats {
        private final CountingFormat lines = new CountingFormat();
        private final CountingFormat blocks = new CountingFormat();
        private final Event event = Events.event(1);

        @Actor
        public void one(III_Result result) {
            result.r1 = event.frame(lines).seen() & event.frame(blocks).seen();
        }

        @Actor
        public void other(III_Result result) {
            result.r2 = event.frame(blocks).seen() & event.frame(lines).seen();
        }

        @Arbiter
        public void outcome(III_Result result) {
            var _ = event.frame(lines);
            var _ = event.frame(blocks);
            result.r3 = lines.encoded() + blocks.encoded();
        }
    }

    /**
     * Each of two threads needs a format that the other does not. Neither meets the other's lock by
     * asking for the same frame, so this is where a list that loses a frame shows: the arbiter
     * would encode it a second time.
     */
    @JCStressTest
    @Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "both are kept")
    @Outcome(expect = Expect.FORBIDDEN, desc = "incomplete, or one was lost and made again")
    @State
    public static class OneFormatEach {
        private final CountingFormat lines = new CountingFormat();
        private final CountingFormat blocks = new CountingFormat();
        private final Event event = Events.event(1);

        @Actor
        public void one(III_Result result) {
            result.r1 = event.frame(lines).seen();
        }

        @Actor
        public void other(III_Result result) {
            result.r2 = event.frame(blocks).seen();
        }

        @Arbiter
        public void outcome(III_Result result) {
            var _ = event.frame(lines);
            var _ = event.frame(blocks);
            result.r3 = lines.encoded() + blocks.encoded();
        }
    }
}
