package dev.longwave.core;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Message;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Accepts subscriptions and forgets them, so that only the core's own memory remains. */
final class SilentBroker implements Broker {

    private static final Subscription NOTHING = new Nothing(new Position(0, 0));

    private record Nothing(Position start) implements Subscription {
        @Override
        public void close() {
            // Nothing was opened.
        }
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of();
    }

    @Override
    public int maxMessageBytes() {
        return 0;
    }

    @Override
    public Published publish(String topic, Message message) {
        throw new UnsupportedOperationException("this broker is silent");
    }

    @Override
    public Subscription subscribe(String topic, Sink sink) {
        return NOTHING;
    }

    @Override
    public Page history(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        throw new UnsupportedOperationException("this broker keeps no history");
    }

    @Override
    public void close() {
        // Nothing was opened.
    }
}
