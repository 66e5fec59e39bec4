package dev.longwave.broker.postgres;

import dev.longwave.broker.Position;
import dev.longwave.broker.feed.Feed;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Hands the events that this node has stored to its feed. */
final class LocalDelivery implements AutoCloseable {
    /*
     * On a thread of its own, as the feed may call sinks, and those that store events must not wait for a slow one. What
     * there is no room for is dropped: this node also receives the announcement of the event, and then reads it as those
     * of other nodes.
     */
    private static final Logger LOGGER = System.getLogger(LocalDelivery.class.getName());

    private static final int MAX_EVENTS = 4096;
    private static final long MAX_BYTES = 16 << 20;

    private final Feed feed;
    private final Interest interest;
    private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(MAX_EVENTS);
    private final AtomicLong bytes = new AtomicLong();
    private final Thread thread =
            Thread.ofVirtual().name("longwave-postgres-delivery").unstarted(this::run);

    private record Event(String topic, EventStore.Stored stored) {
        int size() {
            return stored.entry().message().size();
        }
    }

    LocalDelivery(Feed feed, Interest interest) {
        this.feed = feed;
        this.interest = interest;
    }

    void start() {
        thread.start();
    }

    /** Queues an event. Those of one topic must come in their order. Does not wait. */
    void add(String topic, EventStore.Stored stored) {
        var event = new Event(topic, stored);
        boolean hasRoom = bytes.addAndGet(event.size()) <= MAX_BYTES || events.isEmpty();
        if (!hasRoom || !events.offer(event)) {
            bytes.addAndGet(-event.size());
        }
    }

    private void run() {
        try {
            while (true) {
                Event next = events.take();
                bytes.addAndGet(-next.size());
                deliver(next.topic, next.stored);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the delivery is closed
        }
    }

    private void deliver(String topic, EventStore.Stored stored) {
        Position position = stored.entry().position();
        try {
            feed.live(topic, stored.previous(), stored.entry());
            interest.received(topic, position);
        } catch (RuntimeException e) { // the tail check finds the event
            LOGGER.log(Level.WARNING, "cannot deliver an event", e);
        }
    }

    @Override
    public void close() {
        Threads.stop(thread);
    }
}
