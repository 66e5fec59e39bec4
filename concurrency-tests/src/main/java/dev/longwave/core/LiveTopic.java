package dev.longwave.core;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An open topic whose events the test brings, on the thread that calls {@link #publish}. */
final class LiveTopic {

    private static final HubOptions DEFAULTS = HubOptions.defaults();
    private static final Position BEGINNING = new Position(1, 0);
    private static final FanOut ON_THE_PUBLISHING_THREAD = new FanOut(0);

    private final AtomicInteger releases = new AtomicInteger();
    private final TestBroker broker = new TestBroker();
    private final Topic topic;

    LiveTopic(String name) {
        topic =
                new Topic(
                        name,
                        broker,
                        ON_THE_PUBLISHING_THREAD,
                        DEFAULTS,
                        new HubCounters(),
                        new Replays(DEFAULTS.maxReplays()),
                        _ -> releases.incrementAndGet());
        topic.open();
    }

    void publish(Entry entry) {
        broker.deliver(entry);
    }

    /** A subscription from the topic's beginning, not joined yet. */
    Subscription subscription() {
        return Subscription.from(topic, Start.after(BEGINNING), DEFAULTS);
    }

    String name() {
        return topic.name();
    }

    /** How many it would signal. */
    int subscribers() {
        return topic.subscribers().count();
    }

    /** How often a use of it was given up. */
    int releases() {
        return releases.get();
    }

    /** Adds a subscription of it to {@code outbox} as {@link Hub#add} does. */
    void addTo(Outbox<?> outbox) {
        if (!outbox.add(subscription())) {
            topic.release();
        }
    }

    /** A broker that delivers what it is given. */
    private static final class TestBroker implements Broker {
        private @Nullable Sink sink;

        void deliver(Entry entry) {
            if (sink != null) {
                sink.message(entry);
            }
        }

        @Override
        public Broker.Subscription subscribe(String name, Sink newSink) {
            sink = newSink;
            return new Broker.Subscription() {
                @Override
                public Position start() {
                    return BEGINNING;
                }

                @Override
                public void close() {
                    // Nothing to end.
                }
            };
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
        public Published publish(String name, Message message) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Page history(
                String name, Start start, @Nullable Position until, int entries, int bytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            // Nothing to give back.
        }
    }
}
