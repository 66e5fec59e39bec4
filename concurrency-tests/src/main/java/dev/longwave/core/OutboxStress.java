package dev.longwave.core;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;

/** Waiting for news that comes at that moment: see the argument in {@link Outbox}. */
final class OutboxStress {
    private OutboxStress() {}

    /** A broker of one topic whose live path is in the test's hands. */
    private static final class OneTopic implements Broker {
        private @Nullable Sink sink;

        @Override
        public Broker.Subscription subscribe(String topic, Sink newSink) {
            sink = newSink;
            return new Broker.Subscription() {
                @Override
                public Position start() {
                    return new Position(1, 0);
                }

                @Override
                public void close() {
                    // Nothing to end.
                }
            };
        }

        void deliver(Entry entry) {
            if (sink != null) {
                sink.message(entry);
            }
        }

        @Override
        public Set<Capability> capabilities() {
            return Set.of();
        }

        @Override
        public int maxMessageBytes() {
            return Integer.MAX_VALUE;
        }

        @Override
        public Published publish(String topic, Message message) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Page history(
                String topic, Start start, @Nullable Position until, int entries, int bytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            // Nothing to give back.
        }
    }

    /** One topic that is subscribed already, and a connection that comes to it. */
    abstract static class Connection {
        private static final HubOptions DEFAULTS = HubOptions.defaults();

        private final OneTopic broker = new OneTopic();
        private final FanOut fanOut = new FanOut(0);
        final Topic topic = new Topic("a", broker, fanOut, DEFAULTS);

        Connection() {
            topic.open();
        }

        void publish() {
            publish(Events.entry(1));
        }

        void publish(Entry entry) {
            broker.deliver(entry);
        }

        Outbox connect() {
            return new Outbox(
                    List.of(Subscription.from(topic, Start.after(new Position(1, 0)), DEFAULTS)));
        }
    }

    /** Whoever waits is woken by an event. */
    @JCStressTest(Mode.Termination)
    @Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "woken")
    @Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "asleep beside its news")
    @State
    public static class WokenByAnEvent extends Connection {

        @Actor
        public void connection() {
            connect().take(new SseBatch(SseBatch.Framing.PLAIN));
        }

        @Signal
        public void publisher() {
            publish();
        }
    }

    /** Whoever waits is woken by being closed. */
    @JCStressTest(Mode.Termination)
    @Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "woken")
    @Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "asleep though it is closed")
    @State
    public static class WokenByClosing extends Connection {
        private volatile @Nullable Outbox outbox;
        private volatile boolean closed;

        @Actor
        public void connection() {
            Outbox mine = connect();
            outbox = mine;
            if (!closed) {
                mine.take(new SseBatch(SseBatch.Framing.PLAIN));
            }
        }

        @Signal
        public void closer() {
            closed = true;
            Outbox theirs = outbox;
            if (theirs != null) {
                theirs.close(CloseReason.SHUTDOWN);
            }
        }
    }

    /**
     * Two events, the second of them the topic's last, while the connection's thread and the one
     * that brings them hand each other the turn: both are sent, once, and the stream ends.
     */
    @JCStressTest(Mode.Termination)
    @Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "both, once")
    @Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "lost, repeated, or asleep")
    @State
    public static class SentByEither extends Connection implements Outbox.Express {
        private final Outbox outbox = connect();
        private int sent; // by whoever has the turn
        private int rest;

        public SentByEither() {
            outbox.express(this);
        }

        @Override
        public SseBatch.Framing framing() {
            return SseBatch.Framing.PLAIN;
        }

        /** Has no room for what comes first. */
        @Override
        public boolean send(Outbox.Taken taken, SseBatch batch) {
            if (sent == 0) {
                rest = Events.count(batch);
                return false;
            }
            sent += Events.count(batch);
            return true;
        }

        @Actor
        public void connection() {
            var batch = new SseBatch(SseBatch.Framing.PLAIN);
            Outbox.Taken taken;
            while ((taken = outbox.take(batch)) != Outbox.Taken.CLOSED) {
                sent += taken == Outbox.Taken.REST ? rest : Events.count(batch);
                batch.clear();
            }
            while (sent != 2) {
                Thread.onSpinWait(); // never ends, which is how it fails
            }
        }

        @Signal
        public void publisher() {
            publish(Events.entry(1));
            publish(Events.last(2));
        }
    }
}
