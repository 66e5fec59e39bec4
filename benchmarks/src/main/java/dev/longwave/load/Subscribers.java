package dev.longwave.load;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/** All subscribers: lets them in at a steady rate, has the slow ones read, and some come and go. */
final class Audience {
    private static final long SLOW_PERIOD = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long CHURN_STAY = TimeUnit.SECONDS.toNanos(1);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int MAX_CONNECTING = 1000;

    private final EventLoop loop;
    private final Options options;
    private final Connector connector;
    private final Requests requests;
    private final Flow flow;
    private final List<Topic> topics;
    private final Crowd crowd = new Crowd();
    private final Crowd passers = new Crowd();
    private final List<Http1Subscriber> slow = new ArrayList<>();
    private final Queue<Passer> staying = new ArrayDeque<>();
    private final long startedAt;
    private int started;
    private long nextSlowRead;
    private long churnStartedAt = Long.MAX_VALUE;
    private long churned;

    private record Passer(Http1Subscriber subscriber, long leavesAt) {}

    Audience(
            EventLoop loop,
            Options options,
            Connector connector,
            Requests requests,
            Flow flow,
            List<Topic> topics) {
        this.loop = loop;
        this.options = options;
        this.connector = connector;
        this.requests = requests;
        this.flow = flow;
        this.topics = topics;
        startedAt = loop.now();
    }

    Crowd crowd() {
        return crowd;
    }

    /** {@return those who come and go} */
    Crowd passers() {
        return passers;
    }

    /** {@return whether each subscriber has its stream, or has failed to get it} */
    boolean isComplete() {
        return crowd.open() + crowd.refusedCount() + crowd.lostCount() >= options.connections;
    }

    void startChurn() {
        churnStartedAt = loop.now();
    }

    /** Does what is due. {@return when to come again} */
    long pump() throws IOException {
        long now = loop.now();
        return Math.min(connect(now), Math.min(readSlowly(now), churn(now)));
    }

    private long connect(long now) throws IOException {
        while (started < options.connections) {
            int underWay = started - crowd.open() - crowd.refusedCount() - crowd.lostCount();
            long dueAt = startedAt + started * SECOND / options.connectRate;
            if (underWay >= MAX_CONNECTING || dueAt > now) {
                return Math.max(dueAt, now + SECOND / 1000);
            }
            if (options.streamsPerConnection > 0) {
                connectShared();
            } else {
                connectAlone();
            }
        }
        return Long.MAX_VALUE;
    }

    private void connectShared() throws IOException {
        int count = Math.min(options.streamsPerConnection, options.connections - started);
        var subscriptions = new ArrayList<Subscription>(count);
        for (int i = 0; i < count; i++) {
            subscriptions.add(new Subscription(loop, flow, topic(started++), true));
        }
        var _ = new Http2Subscribers(loop, connector, crowd, requests, subscriptions);
    }

    private void connectAlone() throws IOException {
        int index = started++;
        Http1Subscriber.Pace pace = pace(index);
        var subscription =
                new Subscription(loop, flow, topic(index), pace == Http1Subscriber.Pace.PROMPT);
        var subscriber = new Http1Subscriber(loop, connector, crowd, requests, subscription, pace);
        if (pace == Http1Subscriber.Pace.SLOW) {
            slow.add(subscriber);
        }
    }

    /** Spreads the shares evenly: subscriber by subscriber, one becomes slow when it is due. */
    private Http1Subscriber.Pace pace(int index) {
        if (isDue(index, options.frozenShare)) {
            return Http1Subscriber.Pace.FROZEN;
        }
        return isDue(index, options.slowShare)
                ? Http1Subscriber.Pace.SLOW
                : Http1Subscriber.Pace.PROMPT;
    }

    private static boolean isDue(int index, double share) {
        return Math.floor((index + 1) * share) > Math.floor(index * share);
    }

    private Topic topic(int index) {
        return topics.get(index % topics.size());
    }

    private long readSlowly(long now) {
        if (slow.isEmpty()) {
            return Long.MAX_VALUE;
        }
        if (now >= nextSlowRead) {
            nextSlowRead = now + SLOW_PERIOD;
            int bytes = (int) (options.slowBytesPerSecond * SLOW_PERIOD / SECOND);
            slow.removeIf(subscriber -> !subscriber.readSome(bytes));
        }
        return nextSlowRead;
    }

    private long churn(long now) throws IOException {
        if (options.churn == 0 || churnStartedAt == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        for (Passer oldest = staying.peek();
                oldest != null && oldest.leavesAt <= now;
                oldest = staying.peek()) {
            staying.remove().subscriber.close();
        }
        while (churnStartedAt + churned * SECOND / options.churn <= now) {
            var subscription = new Subscription(loop, flow, topic((int) churned), false);
            var subscriber =
                    new Http1Subscriber(
                            loop,
                            connector,
                            passers,
                            requests,
                            subscription,
                            Http1Subscriber.Pace.PROMPT);
            staying.add(new Passer(subscriber, now + CHURN_STAY));
            churned++;
        }
        return churnStartedAt + churned * SECOND / options.churn;
    }
}
