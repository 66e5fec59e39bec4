package dev.longwave.core;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** Joining while an event is published: see the argument in {@link Subscribers}. */
final class SubscribersStress {
    private SubscribersStress() {}

    /** Publishes to subscribers as a topic does, and joins them as an outbox does. */
    abstract static class Race {
        private final TopicLog log = Events.log();
        private final Subscribers subscribers = new Subscribers();
        private volatile boolean signalled;

        /**
         * @param present how many have joined already; with two, the next one makes the shard grow
         */
        Race(int present) {
            for (int i = 0; i < present; i++) {
                subscribers.join(() -> false);
            }
        }

        void publishOne() {
            log.append(Events.event(1));
            subscribers.signalAll();
        }

        int joinAndLook() {
            subscribers.join(() -> signalled = true);
            return (int) log.latest();
        }

        boolean signalled() {
            return signalled;
        }
    }

    /** A subscriber that joins sees the event, or is signalled. */
    @JCStressTest
    @Outcome(
            id = {"true, 0", "true, 1", "false, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "told")
    @Outcome(id = "false, 0", expect = Expect.FORBIDDEN, desc = "the event is missed")
    @State
    public static class Join extends Race {
        public Join() {
            super(0);
        }

        @Actor
        public void publisher() {
            publishOne();
        }

        @Actor
        public void subscriber(ZI_Result result) {
            result.r2 = joinAndLook();
        }

        @Arbiter
        public void outcome(ZI_Result result) {
            result.r1 = signalled();
        }
    }

    /** The same, while the slots are copied to a larger array. */
    @JCStressTest
    @Outcome(
            id = {"true, 0", "true, 1", "false, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "told")
    @Outcome(id = "false, 0", expect = Expect.FORBIDDEN, desc = "the event is missed")
    @State
    public static class JoinAndGrow extends Race {
        public JoinAndGrow() {
            super(2);
        }

        @Actor
        public void publisher() {
            publishOne();
        }

        @Actor
        public void subscriber(ZI_Result result) {
            result.r2 = joinAndLook();
        }

        @Arbiter
        public void outcome(ZI_Result result) {
            result.r1 = signalled();
        }
    }

    /**
     * A topic that is marked while it leaves the queue is queued again, by one of the two threads.
     */
    @JCStressTest
    @Outcome(
            id = {"true, 0", "false, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "queued again, or served at once")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the event is missed, or the topic is queued twice")
    @State
    public static class QueueAgain {
        private final TopicLog log = Events.log();
        private final Subscribers subscribers = new Subscribers();

        public QueueAgain() {
            subscribers.claimQueueing();
        }

        @Actor
        public void publisher(ZI_Result result) {
            log.append(Events.event(1));
            subscribers.markAll();
            result.r1 = subscribers.claimQueueing();
        }

        @Actor
        public void fanOutThread(ZI_Result result) {
            if (subscribers.next() != null) {
                result.r2 = (int) log.latest();
            } else if (subscribers.dequeued()) {
                result.r2 = 1;
            }
        }
    }
}
