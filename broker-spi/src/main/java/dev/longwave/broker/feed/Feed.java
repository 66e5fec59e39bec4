package dev.longwave.broker.feed;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerState;
import dev.longwave.broker.BrokerStatus;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Entry;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Position;
import dev.longwave.broker.TopicPattern;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns a live path that may lose, repeat, and reorder messages, and a log, into what {@link
 * Broker#subscribe} promises: every event once, in order, or a gap.
 *
 * <p>A broker creates its feed before it connects, so that its client library's callbacks can use
 * it, and starts it once connected:
 *
 * <pre>{@code
 * var feed = new Feed(Feed.RESYNC_PERIOD, context.onStatus());
 * var connection = connect(...);    // its callbacks call live(), suspectAll(), disconnected()
 * feed.start(new AcmeLog(connection));
 * }</pre>
 *
 * <p>Safe for many threads. {@link #live}, {@link #announce}, {@link #broadcast}, and the methods
 * that report trouble do not wait for the servers, and may be called from a client library's own
 * thread; {@code live} and {@code broadcast} may call a sink. They accept any topic at any time,
 * and drop what nobody is subscribed to.
 */
public final class Feed implements AutoCloseable {
    /*
     * The parts. FeedTopic listens while a topic has subscriptions. Sequencer decides what comes
     * next in a topic, and argues why that is right. Subscribers calls the sinks. TailCheck reads the
     * tails. FeedState reports the broker's state. FeedThreads has the threads.
     *
     * Closing sets `closed` before it goes through the topics, and subscribing reads it after
     * adding the sink. So closing finds the sink, or subscribing finds the flag.
     */

    /** How often the tails are checked unless the broker has reasons. */
    public static final Duration RESYNC_PERIOD = Duration.ofSeconds(2);

    private final Duration resyncPeriod;
    private final Schedule schedule;
    private final FeedState state;
    private final ConcurrentHashMap<String, FeedTopic> topics = new ConcurrentHashMap<>();
    private volatile @Nullable Running running;
    private volatile boolean closed;

    /** What exists once the log is known. */
    private record Running(FeedTopic.Shared shared, TailCheck check) {}

    /**
     * A feed, not started.
     *
     * @param resyncPeriod how often the tails are checked, and so how late a message arrives whose
     *     live delivery was lost with none after it; more than zero
     * @param onStatus told of each change of state: {@link
     *     dev.longwave.broker.BrokerContext#onStatus()}
     */
    public Feed(Duration resyncPeriod, Consumer<BrokerStatus> onStatus) {
        this(resyncPeriod, onStatus, new FeedThreads());
    }

    Feed(Duration resyncPeriod, Consumer<BrokerStatus> onStatus, Schedule schedule) {
        if (!resyncPeriod.isPositive()) {
            throw new IllegalArgumentException("resync period too short period=" + resyncPeriod);
        }
        this.resyncPeriod = resyncPeriod;
        this.schedule = schedule;
        this.state = new FeedState(onStatus);
    }

    /** Begins. Once, connected to the servers: says {@link BrokerState#CONNECTED}. */
    public void start(SharedLog log) {
        if (running != null) {
            throw new IllegalStateException("the feed was started before");
        }
        var check = new TailCheck(log, topics, state, schedule, resyncPeriod);
        var shared = new FeedTopic.Shared(log, schedule, state, resyncPeriod, topics::remove);
        running = new Running(shared, check);
        state.begin();
        check.begin();
    }

    /**
     * Subscribes as {@link Broker#subscribe} says. Subscriptions of one topic share its live path.
     *
     * @throws BrokerUnavailableException if the servers cannot be reached, or if interrupted;
     *     nothing is subscribed
     * @throws IllegalStateException if it is closed
     */
    public Broker.Subscription subscribe(String topic, Broker.Sink sink) {
        while (true) {
            FeedTopic.Shared shared = running().shared();
            FeedTopic known = topics.computeIfAbsent(topic, name -> new FeedTopic(name, shared));
            Broker.Subscription subscription = known.join(sink);
            if (subscription == null) {
                topics.remove(topic, known); // it has ended meanwhile: try again with a new one
            } else if (closed) {
                subscription.close();
                throw isClosed();
            } else {
                return subscription;
            }
        }
    }

    /**
     * Takes a message from the live path, and may call sinks with it in this thread.
     *
     * <p>A sink does not block, but takes its time. If the thread that brings live messages also
     * completes publishes, as in many client libraries, that time delays their answers: {@link
     * #announce} the message in place of this, which a thread of the feed then reads from the log;
     * or hand it over to a thread of the broker, by a bounded queue whose overflow is a {@link
     * #suspect}.
     *
     * @param previous the position of the entry before it in its topic, stamped or not, or one
     *     before which there was none; null if the log has trimmed that entry, and it is not known
     *     any more
     * @param entry the message
     */
    public void live(String topic, @Nullable Position previous, Entry entry) {
        FeedTopic known = topics.get(topic);
        if (known != null) {
            known.sequencer().live(previous, entry);
        }
    }

    /** Takes word of an entry at {@code position}, which is to be read from the log. */
    public void announce(String topic, Position position) {
        FeedTopic known = topics.get(topic);
        if (known != null) {
            known.sequencer().announce(position);
        }
    }

    /**
     * Takes an ephemeral message from the live path, and hands it to those who are subscribed now:
     * see {@link Broker#broadcast}. It has no effect on positions, and does not wait for a hole to
     * be filled.
     *
     * @param topic the topic, or the pattern for whose subscribers it is
     */
    public void broadcast(String topic, EphemeralMessage message) {
        FeedTopic known = topics.get(topic);
        if (known != null) {
            known.sequencer().broadcast(message);
        }
    }

    /**
     * Takes word that the log of {@code topic} was {@linkplain Broker#delete erased}. A check of
     * the tails may tell it as well: {@link Tail#erased}.
     *
     * @param upTo the last position that was erased
     */
    public void deleted(String topic, Position upTo) {
        FeedTopic known = topics.get(topic);
        if (known != null) {
            known.sequencer().deleted(upTo);
        }
        topics.forEach((name, pattern) -> {
            if (TopicPattern.isPattern(name) && TopicPattern.parse(name).matches(topic)) {
                pattern.sequencer().deletedInPart(upTo);
            }
        });
    }

    /** Messages of {@code topic} may have been lost: its tail is checked now. */
    public void suspect(String topic) {
        Running now = running;
        if (now != null) {
            now.check().suspect(topic);
        }
    }

    /**
     * The connection was made again, or messages of unknown topics may have been lost: all tails
     * are checked now. Until that is done, and what was missed is filled, the state is {@link
     * BrokerState#RESYNCING}.
     */
    public void suspectAll() {
        state.suspectAll();
        Running now = running;
        if (now != null) {
            now.check().suspectAll();
        }
    }

    /**
     * The connection was lost: {@link BrokerState#DISCONNECTED}, until a check is answered.
     *
     * @param reason see {@link BrokerStatus#of}
     */
    public void disconnected(String reason) {
        state.unreachable(reason);
    }

    /**
     * Something needs an operator, while the broker works: {@link BrokerState#DEGRADED}, until
     * {@link #recovered} is called for all that was told.
     *
     * @param what what it is about, to tell it from others
     * @param reason see {@link BrokerStatus#of}
     */
    public void degraded(String what, String reason) {
        state.degraded(what, reason);
    }

    /** What {@link #degraded} told is in order again. Does nothing if nothing was told. */
    public void recovered(String what) {
        state.recovered(what);
    }

    /** {@return the time by which the feed measures, in nanoseconds since whenever} */
    long nanos() {
        return schedule.nanos();
    }

    /** Runs {@code work}, which may block, on one of the feed's threads. */
    void later(Duration delay, Runnable work) {
        schedule.fill(delay, work);
    }

    /**
     * The broker will not recover by itself: {@link BrokerState#FAILED}, for good.
     *
     * @param reason see {@link BrokerStatus#of}
     */
    public void failed(String reason) {
        state.failed(reason);
    }

    /**
     * Ends all subscriptions, as {@link Broker#close} says, and the feed's threads. Does nothing
     * the second time. Topics are not unlistened one by one: the broker closes its connection,
     * after this.
     */
    @Override
    public void close() {
        closed = true;
        state.close();
        boolean withinSink = false;
        for (FeedTopic topic : topics.values()) {
            withinSink |= topic.end();
        }
        topics.clear();
        schedule.close(!withinSink);
    }

    private Running running() {
        Running now = running;
        if (closed) {
            throw isClosed();
        }
        if (now == null) {
            throw new IllegalStateException("the feed is not started");
        }
        return now;
    }

    private static IllegalStateException isClosed() {
        return new IllegalStateException("the broker is closed");
    }
}
