package dev.longwave.broker.feed;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerUnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** One topic while it is subscribed to: it listens from the first subscription to the last. */
final class FeedTopic {
    /*
     * The lock `path` makes listening and unlistening happen one at a time, and is held while the
     * log is called. No thread that dispatches takes it: subscribing may wait for an answer that only
     * the client library's thread can bring, and that thread may be in a sink of this topic, closing
     * its subscription. So a feed thread does the unlistening.
     *
     * The lock is fair. Otherwise threads that subscribe and close in a loop take it again and again
     * while a parked one is being woken, and that one waits without bound.
     *
     * Closing the last subscription queues the unlistening, which looks again under the lock: a new
     * subscription keeps the topic alive. Otherwise the topic has ended, and later subscribers find it
     * ended and create a new one. So one topic is never listened to and unlistened at once.
     */
    private static final Logger LOGGER = System.getLogger(FeedTopic.class.getName());

    private static final Duration LISTEN_TIMEOUT = Duration.ofSeconds(20);

    private final String name;
    private final Shared shared;
    private final Subscribers subscribers;
    private final Sequencer sequencer;
    private final ReentrantLock path = new ReentrantLock(true);
    private boolean listening; // guarded by path, as is the next
    private boolean ended;

    /** What all topics of a feed have in common. */
    record Shared(
            SharedLog log,
            Schedule schedule,
            FeedState state,
            Duration resyncPeriod,
            BiConsumer<String, FeedTopic> onEnd) {}

    FeedTopic(String name, Shared shared) {
        this.name = name;
        this.shared = shared;
        this.subscribers = new Subscribers(name);
        this.sequencer = new Sequencer(name, shared, subscribers);
    }

    String name() {
        return name;
    }

    Sequencer sequencer() {
        return sequencer;
    }

    /**
     * {@return a subscription, or null if this topic has ended: take a new one}
     *
     * @throws BrokerUnavailableException if it cannot be listened to now
     */
    Broker.@Nullable Subscription join(Broker.Sink sink) {
        lockPath();
        try {
            if (ended) {
                return null;
            }
            if (!listening) {
                listen();
            }
            Broker.Subscription subscription = subscribers.join(sink, this::queueUnlisten);
            sequencer.wake();
            return subscription;
        } finally {
            path.unlock();
        }
    }

    /** Ends all subscriptions for good. {@return whether it was called from within a sink} */
    boolean end() {
        return subscribers.end();
    }

    private void listen() {
        try {
            shared.log.listen(name);
            long begun = shared.schedule.nanos();
            long asOf = shared.state.outages();
            sequencer.begin(sequencer.tail(), begun, asOf);
            listening = true;
        } catch (RuntimeException | Error e) {
            unlisten();
            throw e;
        }
    }

    private void queueUnlisten() {
        shared.schedule.fill(Duration.ZERO, this::unlistenIfEmpty);
    }

    private void unlistenIfEmpty() {
        path.lock(); // held no longer than the log's timeouts
        try {
            if (!ended && subscribers.isEmpty()) {
                unlisten();
            }
        } finally {
            path.unlock();
        }
    }

    private void unlisten() {
        ended = true;
        try {
            shared.log.unlisten(name);
        } catch (RuntimeException e) {
            LOGGER.log(Level.DEBUG, "cannot unlisten topic=" + name, e);
        }
        shared.onEnd.accept(name, this);
    }

    private void lockPath() {
        try {
            if (path.tryLock(LISTEN_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while subscribing topic=" + name, e);
        }
        throw new BrokerUnavailableException(
                "another subscription of the topic takes too long topic=" + name);
    }
}
