package dev.longwave.broker.feed;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Position;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Asks for the tails of all topics every resync period, and of those under suspicion at once. */
final class TailCheck {
    /*
     * All asking is done by the one thread of checks. A suspicion sets a flag and queues work only
     * if none is queued, so that a storm of them costs one check after another, each for all that
     * came meanwhile. What a failing check leaves undone, the next regular one does.
     */
    static final int PORTION = 1000;

    private static final Logger LOGGER = System.getLogger(TailCheck.class.getName());

    private final SharedLog log;
    private final Map<String, FeedTopic> topics;
    private final FeedState state;
    private final Schedule schedule;
    private final Duration period;
    private final Set<String> suspects = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean suspectsQueued = new AtomicBoolean();
    private final AtomicBoolean allQueued = new AtomicBoolean();

    TailCheck(
            SharedLog log,
            Map<String, FeedTopic> topics,
            FeedState state,
            Schedule schedule,
            Duration period) {
        this.log = log;
        this.topics = topics;
        this.state = state;
        this.schedule = schedule;
        this.period = period;
    }

    /** Begins with the regular checks. */
    void begin() {
        schedule.check(period, this::checkRegularly);
    }

    /** Checks one topic soon. */
    void suspect(String topic) {
        if (topics.containsKey(topic)) {
            suspects.add(topic);
            if (!suspectsQueued.getAndSet(true)) {
                schedule.check(Duration.ZERO, this::checkSuspects);
            }
        }
    }

    /** Checks all topics soon. */
    void suspectAll() {
        if (!allQueued.getAndSet(true)) {
            schedule.check(Duration.ZERO, this::checkAll);
        }
    }

    private void checkRegularly() {
        try {
            checkAll();
        } finally {
            schedule.check(period, this::checkRegularly);
        }
    }

    private void checkAll() {
        allQueued.set(false); // first: what comes from now on is not covered by this check
        long asOf = state.outages();
        if (check(topics.values(), asOf)) {
            state.answered(asOf);
        }
    }

    private void checkSuspects() {
        suspectsQueued.set(false);
        var taken = new ArrayList<FeedTopic>();
        for (String name : List.copyOf(suspects)) {
            suspects.remove(name);
            FeedTopic topic = topics.get(name);
            if (topic != null) {
                taken.add(topic);
            }
        }
        check(taken, state.outages());
    }

    private boolean check(Collection<FeedTopic> some, long asOf) {
        var portion = new ArrayList<Asked>();
        try {
            for (FeedTopic topic : some) {
                Position cursor = topic.sequencer().cursor();
                if (cursor != null) {
                    portion.add(new Asked(topic, cursor));
                }
                if (portion.size() == PORTION) {
                    ask(portion, asOf);
                    portion.clear();
                }
            }
            ask(portion, asOf);
            return true;
        } catch (RuntimeException e) {
            var level = e instanceof BrokerUnavailableException ? Level.DEBUG : Level.WARNING;
            LOGGER.log(level, "the tails cannot be checked", e);
            state.unreachable("the servers did not answer a check of the logs");
            return false;
        }
    }

    private void ask(List<Asked> portion, long asOf) {
        long begun = schedule.nanos();
        Map<String, Tail> tails = log.tails(portion.stream().map(a -> a.topic.name()).toList());
        for (Asked asked : portion) {
            Tail tail = tails.get(asked.topic.name());
            if (tail != null) {
                asked.topic.sequencer().checked(asked.cursor, tail, begun, asOf);
            }
        }
    }

    /** A topic, and where it stood before its tail was asked for. */
    private record Asked(FeedTopic topic, Position cursor) {}
}
