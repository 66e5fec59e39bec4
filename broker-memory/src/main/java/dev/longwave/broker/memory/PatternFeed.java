package dev.longwave.broker.memory;

import dev.longwave.broker.Broker;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Position;
import dev.longwave.broker.TopicPattern;

/** One subscription to a pattern, and what it is still to be handed. Safe for many threads. */
final class PatternFeed implements Broker.Subscription {
    /*
     * A queue in the order of positions, for which PublishOrder sees, that is handed out as a
     * topic's log is: by the publishers. They wait for room before they take any lock, and so may
     * overshoot the bound by as many as they are.
     */
    private final TopicPattern pattern;
    private final PublishOrder order;
    private final EntryLog waiting; // guarded by dispatcher, as is start
    private final Dispatcher dispatcher;
    private Position start;

    PatternFeed(TopicPattern pattern, PublishOrder order) {
        this.pattern = pattern;
        this.order = order;
        this.start = order.position(0);
        this.waiting = new EntryLog(start);
        this.dispatcher = new Dispatcher(pattern.toString(), waiting, false);
    }

    boolean matches(String topic) {
        return pattern.matches(topic);
    }

    /** Begins after {@code position}. Once, under the order's lock. */
    void open(Broker.Sink sink, Position position) {
        synchronized (dispatcher) {
            start = position;
            dispatcher.addFirst(sink, position);
        }
    }

    /** Adds an entry, to be handed out if it is open. Under the order's lock. */
    void append(Entry entry) {
        synchronized (dispatcher) {
            dispatcher.append(entry);
            while (waiting.size() > Dispatcher.MAX_UNDELIVERED && dispatcher.mayDropFirst()) {
                waiting.removeFirst(); // a sink blocks
            }
        }
    }

    /** Waits until a publisher may append, as {@link Dispatcher#awaitRoom}. */
    void awaitRoom() {
        boolean gaveUp;
        synchronized (dispatcher) {
            gaveUp = !dispatcher.awaitRoom();
        }
        if (gaveUp) {
            dispatcher.warnOfBlockedSink();
        }
    }

    /** Hands out what there is, unless somebody does. */
    void drain() {
        boolean claimed;
        synchronized (dispatcher) {
            claimed = dispatcher.claim();
        }
        if (claimed) {
            dispatcher.drain();
        }
    }

    /** Hands out an ephemeral message, after the entries that there are. */
    void broadcast(EphemeralMessage message) {
        synchronized (dispatcher) {
            dispatcher.pass(message);
        }
        drain();
    }

    /** Tells that events of one of its topics were erased. */
    void erased(Position upTo) {
        synchronized (dispatcher) {
            dispatcher.erased(upTo);
        }
        drain();
    }

    @Override
    public Position start() {
        synchronized (dispatcher) {
            return start;
        }
    }

    @Override
    public void close() {
        order.remove(this);
        dispatcher.close();
    }
}
