package dev.longwave.core;

import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A stream's events, and its topics, while others signal it: see the argument in {@link Outbox}.
 */
final class OutboxStress {
    private OutboxStress() {}

    /** One topic, and connections that come to it. */
    abstract static class Connection {
        private final LiveTopic topic = new LiveTopic("a");

        void publish(long number) {
            topic.publish(Events.entry(number));
        }

        void publishLast(long number) {
            topic.publish(Events.last(number));
        }

        Outbox<NumberBatch> connect() {
            return new Outbox<>(List.of(topic.subscription()), true);
        }
    }

    /**
     * The connection's thread gives up ownership while an event arrives: the signal finds it still
     * the owner, or wakes it.
     */
    @JCStressTest(Mode.Termination)
    @Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "woken")
    @Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "asleep beside an event")
    @State
    public static class WokenByAnEvent extends Connection {

        @Actor
        public void connection() {
            connect().take(new NumberBatch());
        }

        @Signal
        public void publisher() {
            publish(1);
        }
    }

    /** The same for closing, which is a flag of the outbox and not an event in a log. */
    @JCStressTest(Mode.Termination)
    @Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "woken")
    @Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "asleep though it is closed")
    @State
    public static class WokenByClosing extends Connection {
        private volatile @Nullable Outbox<NumberBatch> outbox;
        private volatile boolean closed;

        @Actor
        public void connection() {
            Outbox<NumberBatch> mine = connect();
            outbox = mine;
            if (!closed) {
                mine.take(new NumberBatch());
            }
        }

        @Signal
        public void closer() {
            closed = true;
            Outbox<NumberBatch> theirs = outbox;
            if (theirs != null) {
                theirs.close(CloseReason.SHUTDOWN);
            }
        }
    }

    /**
     * Two events, the second of them the topic's last, while the connection's thread and another
     * one pass ownership to each other: both events are written, in order and once, and the stream
     * ends. The first direct write finds no room, so what it keeps must reach the connection's
     * thread before the second event.
     */
    abstract static class Written extends Connection implements DirectWriter<NumberBatch> {
        private final Outbox<NumberBatch> outbox = connect();
        private final NumberBatch batch = new NumberBatch(); // these three are the owner's
        private int written;
        private int remainder;

        Written() {
            outbox.writeDirectly(this);
        }

        @Override
        public final NumberBatch batch() {
            return batch;
        }

        @Override
        public final boolean tryWrite(NumberBatch events) {
            if (written == 0) {
                remainder = events.after(0);
                return false;
            }
            written = events.after(written);
            return true;
        }

        final void serve() {
            while (outbox.take(batch)) {
                if (remainder != 0) {
                    written = written * 10 + remainder;
                    remainder = 0;
                }
                written = batch.after(written);
                batch.clear();
            }
            while (written != 12) {
                Thread.onSpinWait(); // never ends, which is how it fails
            }
        }

        final void publishBoth() {
            publish(1);
            publishLast(2);
        }
    }

    /** The other thread is the one that publishes. */
    @JCStressTest(Mode.Termination)
    @Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "both, in order and once")
    @Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "lost, repeated, or asleep")
    @State
    public static class WrittenByThePublisher extends Written {

        @Actor
        public void connection() {
            serve();
        }

        @Signal
        public void publisher() {
            publishBoth();
        }
    }

    /** The other thread is of the writer's executor. */
    @JCStressTest(Mode.Termination)
    @Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "both, in order and once")
    @Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "lost, repeated, or asleep")
    @State
    public static class WrittenByTheExecutor extends Written {

        @Override
        public Executor executor() {
            return Thread::startVirtualThread;
        }

        @Actor
        public void connection() {
            serve();
        }

        @Signal
        public void publisher() {
            publishBoth();
        }
    }

    /**
     * A topic is added to an open stream while its first event is published. The subscription's
     * place is before the event, so it is due. The publishing thread either finds the subscriber in
     * its slot and signals it, or has stored the event before the subscriber came; then the signal
     * that follows the change makes the owner look. Event 1 must arrive without help from another
     * event; the events that end both topics then show that nothing is repeated.
     */
    abstract static class Added {
        private final LiveTopic present = new LiveTopic("b");
        private final LiveTopic added = new LiveTopic("a");
        private final OpenStream stream;

        Added(boolean direct) {
            stream = new OpenStream(direct, present);
        }

        final void add() {
            added.addTo(stream.outbox());
        }

        final void publishOne() {
            added.publish(Events.entry(1));
        }

        final void note(II_Result result) {
            if (stream.awaitReceived(1)) {
                added.publish(Events.last(2));
                if (stream.awaitReceived(12)) {
                    present.publish(Events.last(3));
                    result.r2 = stream.awaitEnd() ? 1 : 0;
                }
            }
            result.r1 = stream.received();
        }
    }

    /** The owner is the stream's own thread. */
    @JCStressTest
    @Outcome(id = "123, 1", expect = Expect.ACCEPTABLE, desc = "all, in order and once")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, repeated, or asleep")
    @State
    public static class AddedToAThread extends Added {
        public AddedToAThread() {
            super(false);
        }

        @Actor
        public void adder() {
            add();
        }

        @Actor
        public void publisher() {
            publishOne();
        }

        @Arbiter
        public void outcome(II_Result result) {
            note(result);
        }
    }

    /** The owner is whichever thread signals. */
    @JCStressTest
    @Outcome(id = "123, 1", expect = Expect.ACCEPTABLE, desc = "all, in order and once")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, repeated, or asleep")
    @State
    public static class AddedToADirectWriter extends Added {
        public AddedToADirectWriter() {
            super(true);
        }

        @Actor
        public void adder() {
            add();
        }

        @Actor
        public void publisher() {
            publishOne();
        }

        @Arbiter
        public void outcome(II_Result result) {
            note(result);
        }
    }

    /**
     * A topic is removed from an open stream while it is signalled. Its event may arrive or not;
     * what follows must not, no matter whether the owner finds the change or the event first. The
     * topic is given back exactly once, and its subscribers forget the stream. The other topic goes
     * on, and its last event ends the stream: the removed topic, which has no last event, no longer
     * counts.
     */
    abstract static class Removed {
        private final LiveTopic removed = new LiveTopic("a");
        private final LiveTopic kept = new LiveTopic("b");
        private final OpenStream stream;

        Removed(boolean direct) {
            stream = new OpenStream(direct, removed, kept);
        }

        final void remove() {
            stream.outbox().remove(removed.name());
        }

        final void publishOne() {
            removed.publish(Events.entry(1));
        }

        final void note(II_Result result) {
            OpenStream.await(() -> removed.releases() > 0);
            removed.publish(Events.entry(2));
            kept.publish(Events.last(3));
            boolean ended = stream.awaitEnd();
            result.r1 = stream.received();
            result.r2 = ended ? removed.releases() + 10 * removed.subscribers() : -1;
        }
    }

    /** The owner is the stream's own thread. */
    @JCStressTest
    @Outcome(
            id = {"3, 1", "13, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "removed, before the event or after it")
    @Outcome(expect = Expect.FORBIDDEN, desc = "still there, given back twice, or asleep")
    @State
    public static class RemovedFromAThread extends Removed {
        public RemovedFromAThread() {
            super(false);
        }

        @Actor
        public void remover() {
            remove();
        }

        @Actor
        public void publisher() {
            publishOne();
        }

        @Arbiter
        public void outcome(II_Result result) {
            note(result);
        }
    }

    /** The owner is whichever thread signals. */
    @JCStressTest
    @Outcome(
            id = {"3, 1", "13, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "removed, before the event or after it")
    @Outcome(expect = Expect.FORBIDDEN, desc = "still there, given back twice, or asleep")
    @State
    public static class RemovedFromADirectWriter extends Removed {
        public RemovedFromADirectWriter() {
            super(true);
        }

        @Actor
        public void remover() {
            remove();
        }

        @Actor
        public void publisher() {
            publishOne();
        }

        @Arbiter
        public void outcome(II_Result result) {
            note(result);
        }
    }

    /** A stream that its thread gives back while another thread changes its topics. */
    abstract static class Released {
        final LiveTopic topic = new LiveTopic("a");

        /**
         * Neither a subscriber is left behind, nor a use of the topic, and none is given up twice.
         */
        final void note(II_Result result) {
            result.r1 = topic.subscribers();
            result.r2 = topic.releases();
        }
    }

    /**
     * A topic is added while the stream is given back. Both take the outbox's lock: the change is
     * among those that the owner finds when it leaves, or it is refused and the adder takes the
     * subscription back.
     */
    @JCStressTest
    @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "given back, once")
    @Outcome(expect = Expect.FORBIDDEN, desc = "left behind, or given back twice")
    @State
    public static class AddedWhileReleased extends Released {
        private final Outbox<NumberBatch> outbox = new Outbox<>(List.of(), false);

        @Actor
        public void adder() {
            topic.addTo(outbox);
        }

        @Actor
        public void owner() {
            outbox.leave();
        }

        @Arbiter
        public void outcome(II_Result result) {
            note(result);
        }
    }

    /** A topic is removed while the stream is given back: one of the two gives the topic back. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "given back, once")
    @Outcome(expect = Expect.FORBIDDEN, desc = "left behind, or given back twice")
    @State
    public static class RemovedWhileReleased extends Released {
        private final Outbox<NumberBatch> outbox =
                new Outbox<>(List.of(topic.subscription()), false);

        @Actor
        public void remover() {
            outbox.remove(topic.name());
        }

        @Actor
        public void owner() {
            outbox.leave();
        }

        @Arbiter
        public void outcome(II_Result result) {
            note(result);
        }
    }
}
